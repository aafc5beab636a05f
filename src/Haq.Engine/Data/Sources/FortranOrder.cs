using System.Collections.Immutable;

namespace Haq.Engine.Data.Sources;

/// <summary>Turns an array whose first index runs fastest into one sample after the other.</summary>
internal static class FortranOrder
{
    private const int BlockBytes = 16 << 20;

    /// <summary>A store of the same elements in C order. Works in blocks of samples, so memory stays bounded; a large result goes to a temporary file.</summary>
    public static ByteStore ToC(ByteStore store, long start, ImmutableArray<int> shape, int elementBytes)
    {
        int count = shape[0];
        int perSample = shape.Skip(1).Aggregate(1, (product, extent) => checked(product * extent));
        int[] order = InnerOrder(shape.AsSpan()[1..], perSample);
        long sampleBytes = (long)perSample * elementBytes;
        int block = (int)Math.Clamp(BlockBytes / sampleBytes, 1, count);
        byte[] column = new byte[block * elementBytes], rows = new byte[block * sampleBytes];
        using var pipe = new BlockStream(count, block, sampleBytes, (first, n) =>
        {
            for (int k = 0; k < perSample; k++)
            {
                store.Read(start + ((long)k * count + first) * elementBytes, column.AsSpan(0, n * elementBytes));
                for (int i = 0; i < n; i++)
                    column.AsSpan(i * elementBytes, elementBytes).CopyTo(rows.AsSpan((int)(i * sampleBytes) + order[k] * elementBytes));
            }
            return rows;
        });
        var result = ByteStore.Keep(pipe);
        store.Dispose();
        return result;
    }

    // For each element of a sample in Fortran order, where it stands in C order.
    private static int[] InnerOrder(ReadOnlySpan<int> shape, int elements)
    {
        int[] order = new int[elements];
        int[] index = new int[shape.Length];
        for (int k = 0; k < elements; k++)
        {
            int c = 0;
            for (int d = 0; d < shape.Length; d++) c = c * shape[d] + index[d];
            order[k] = c;
            for (int d = 0; d < shape.Length && ++index[d] == shape[d]; d++) index[d] = 0;
        }
        return order;
    }

    /// <summary>A stream over blocks that are made when they are read.</summary>
    private sealed class BlockStream(int count, int block, long sampleBytes, Func<int, int, byte[]> make) : MemoryStream([])
    {
        private int _next;
        private byte[] _current = [];
        private int _length, _position;

        public override int Read(Span<byte> buffer)
        {
            if (_position == _length)
            {
                int n = Math.Min(block, count - _next);
                if (n == 0) return 0;
                _current = make(_next, n);
                (_next, _length, _position) = (_next + n, (int)(n * sampleBytes), 0);
            }
            int copied = Math.Min(buffer.Length, _length - _position);
            _current.AsSpan(_position, copied).CopyTo(buffer);
            _position += copied;
            return copied;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    }
}
