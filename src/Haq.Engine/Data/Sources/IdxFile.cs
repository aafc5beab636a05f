using System.Buffers.Binary;
using System.Collections.Immutable;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Sources;

/// <summary>IDX, the format of MNIST and Fashion-MNIST: two zeros, a type, the number of dimensions, the dimensions, the elements; all big-endian.</summary>
/// <remarks>Format: Y. LeCun, "The MNIST database", section "The IDX file format".</remarks>
internal static class IdxFile
{
    public static SampleArray Read(FileReference file)
    {
        var store = ByteStore.Open(file);
        byte[] head = new byte[4];
        if (store.Length < 4) throw DataErrors.Damaged(file, $"an IDX file starts with 4 bytes; it has {store.Length}");
        store.Read(0, head);
        ElementKind? kind = head[2] switch
        {
            0x08 => ElementKind.Uint8,
            0x09 => ElementKind.Int8,
            0x0B => ElementKind.Int16,
            0x0C => ElementKind.Int32,
            0x0D => ElementKind.Float32,
            0x0E => ElementKind.Float64,
            _ => null,
        };
        if (head[0] != 0 || head[1] != 0 || kind is null || head[3] is 0 or > 8) throw DataErrors.WrongFormat(file, "it is not in the IDX format");
        int start = 4 + 4 * head[3];
        byte[] sizes = new byte[4 * head[3]];
        if (store.Length < start) throw DataErrors.Damaged(file, "it is truncated in its header");
        store.Read(4, sizes);
        var shape = ImmutableArray.CreateBuilder<int>();
        for (int d = 0; d < head[3]; d++) shape.Add(BinaryPrimitives.ReadInt32BigEndian(sizes.AsSpan(4 * d)));
        if (shape.Any(extent => extent < 0)) throw DataErrors.WrongFormat(file, "its header has a negative extent");
        if (shape.Contains(0)) throw DataErrors.Empty(file, $"samples (its shape is {DataErrors.Text(shape.ToImmutable())})");

        ImmutableArray<int> sample = [.. shape.Skip(1)];
        long bytes = sample.Aggregate((long)ElementKinds.BytesOf(kind.Value), (product, extent) => product * extent);
        if (bytes > Array.MaxLength) throw DataErrors.WrongFormat(file, "one sample is larger than 2 GB");
        long there = store.Length - start;
        if (there < bytes * shape[0])
            throw DataErrors.Damaged(file, $"it is truncated: {DataErrors.Text(shape.ToImmutable())} of {ElementKinds.NameOf(kind.Value)} needs {bytes * shape[0]} bytes, {there} are there");
        return new SampleArray("", kind.Value, sample, shape[0], store, start, bytes, IsBigEndian: true);
    }
}
