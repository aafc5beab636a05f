using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Haq.Engine.Data.Sources;

/// <summary>Samples of one type and shape at equal distances in a store. Immutable; reads may be concurrent.</summary>
internal sealed record SampleArray(string Name, ElementKind Kind, ImmutableArray<int> Shape, int Count, ByteStore Store, long Offset, long Stride, bool IsBigEndian = false)
{
    /// <summary>Elements of one sample.</summary>
    public int Elements => Shape.Aggregate(1, (product, extent) => checked(product * extent));

    /// <summary>Bytes of one sample.</summary>
    public int Bytes => checked(Elements * ElementKinds.BytesOf(Kind));

    /// <summary>Reads a sample, in this machine's byte order.</summary>
    public void Read(int sample, Span<byte> destination)
    {
        Store.Read(Offset + sample * Stride, destination[..Bytes]);
        if (IsBigEndian == BitConverter.IsLittleEndian) Swap(destination[..Bytes]);
    }

    private void Swap(Span<byte> bytes)
    {
        switch (ElementKinds.BytesOf(Kind))
        {
            case 2:
                var shorts = MemoryMarshal.Cast<byte, short>(bytes);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                var ints = MemoryMarshal.Cast<byte, int>(bytes);
                BinaryPrimitives.ReverseEndianness(ints, ints);
                break;
            case 8:
                var longs = MemoryMarshal.Cast<byte, long>(bytes);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }
}
