using System.Collections.Immutable;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Sources;

/// <summary>Bare little-endian values, one sample after the other.</summary>
internal static class RawFile
{
    public static SampleArray Read(FileReference file, ElementKind kind, ImmutableArray<int> shape)
    {
        var store = ByteStore.Open(file);
        long bytes = shape.Aggregate((long)ElementKinds.BytesOf(kind), (product, extent) => product * extent);
        if (bytes > Array.MaxLength) throw DataErrors.WrongFormat(file, $"one sample, {DataErrors.Text(shape)}, is larger than 2 GB");
        if (store.Length == 0) throw DataErrors.Empty(file, "samples");
        if (store.Length % bytes != 0)
            throw DataErrors.Damaged(file, $"{store.Length} bytes are not a whole number of samples {DataErrors.Text(shape)} of {ElementKinds.NameOf(kind)}, {bytes} bytes each");
        return new SampleArray("", kind, shape, checked((int)(store.Length / bytes)), store, 0, bytes);
    }
}
