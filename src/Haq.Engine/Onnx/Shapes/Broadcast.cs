namespace Haq.Engine.Onnx.Shapes;

/// <summary>Multidirectional (NumPy) broadcasting.</summary>
internal static class Broadcast
{
    /// <summary>The common shape; null where the shapes do not fit.</summary>
    public static long[]? Join(ReadOnlySpan<long> a, ReadOnlySpan<long> b)
    {
        long[] joined = new long[Math.Max(a.Length, b.Length)];
        for (int i = 1; i <= joined.Length; i++)
        {
            long x = i <= a.Length ? a[^i] : 1, y = i <= b.Length ? b[^i] : 1;
            if (x != y && x != 1 && y != 1) return null;
            joined[^i] = x == 1 ? y : x;
        }
        return joined;
    }

    /// <summary>For every element of <paramref name="to"/>, the position in a tensor of shape <paramref name="from"/> that it reads.</summary>
    public static int[] Positions(ReadOnlySpan<long> from, ReadOnlySpan<long> to)
    {
        int[] strides = new int[to.Length];
        int stride = 1;
        for (int i = 1; i <= from.Length; i++)
        {
            strides[^i] = from[^i] == 1 ? 0 : stride;
            stride *= (int)from[^i];
        }
        return Strided(to, strides, 0);
    }

    /// <summary>Positions visited by a walk over <paramref name="shape"/> in order with the given strides.</summary>
    public static int[] Strided(ReadOnlySpan<long> shape, ReadOnlySpan<int> strides, int start)
    {
        int[] positions = new int[Product(shape)];
        int[] index = new int[shape.Length];
        int position = start;
        for (int n = 0; n < positions.Length; n++)
        {
            positions[n] = position;
            for (int d = shape.Length - 1; d >= 0; d--)
            {
                position += strides[d];
                if (++index[d] < shape[d]) break;
                position -= strides[d] * index[d];
                index[d] = 0;
            }
        }
        return positions;
    }

    public static int[] RowMajor(ReadOnlySpan<long> shape)
    {
        int[] strides = new int[shape.Length];
        int stride = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride = checked(stride * (int)shape[d]);
        }
        return strides;
    }

    public static long Product(ReadOnlySpan<long> shape)
    {
        long product = 1;
        foreach (long extent in shape) product = checked(product * extent);
        return product;
    }
}
