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
        int first = 0;
        using var samples = new PulledStream(() =>
        {
            int n = Math.Min(block, count - first);
            for (int k = 0; k < perSample && n > 0; k++)
            {
                store.Read(start + ((long)k * count + first) * elementBytes, column.AsSpan(0, n * elementBytes));
                for (int i = 0; i < n; i++)
                    column.AsSpan(i * elementBytes, elementBytes).CopyTo(rows.AsSpan((int)(i * sampleBytes) + order[k] * elementBytes));
            }
            first += n;
            return rows.AsMemory(0, (int)(n * sampleBytes));
        });
        var result = ByteStore.Keep(samples);
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
}
