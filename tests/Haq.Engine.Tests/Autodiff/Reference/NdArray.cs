namespace Haq.Engine.Tests.Autodiff.Reference;

/// <summary>A dense double-precision array, written for clarity: the reference that gradients are held against.</summary>
internal sealed class NdArray
{
    public NdArray(int[] shape, double[]? data = null)
    {
        Shape = shape;
        Data = data ?? new double[Count(shape)];
        Strides = new int[shape.Length];
        for (int i = shape.Length - 1, step = 1; i >= 0; step *= shape[i--]) Strides[i] = step;
        if (Data.Length != Count(shape)) throw new ArgumentException($"{Data.Length} elements for [{string.Join(',', shape)}]");
    }

    public int[] Shape { get; }

    public int[] Strides { get; }

    public double[] Data { get; }

    public int Rank => Shape.Length;

    public static int Count(IEnumerable<int> shape) => shape.Aggregate(1, (product, extent) => product * extent);

    public NdArray Reshaped(params int[] shape) => new(shape, Data);

    public NdArray Map(Func<double, double> f) => new(Shape, [.. Data.Select(f)]);

    public double this[params ReadOnlySpan<int> index]
    {
        get => Data[Offset(index)];
        set => Data[Offset(index)] = value;
    }

    /// <summary>The element that an index of a broadcast result reads.</summary>
    public double Broadcast(ReadOnlySpan<int> index)
    {
        int at = 0;
        for (int i = 0; i < Rank; i++)
            if (Shape[i] != 1) at += index[index.Length - Rank + i] * Strides[i];
        return Data[at];
    }

    /// <summary>Calls back for every index in row-major order; the array passed is reused.</summary>
    public static void ForEach(int[] shape, Action<int[]> visit)
    {
        int[] index = new int[shape.Length];
        for (int left = Count(shape); left > 0; left--)
        {
            visit(index);
            for (int i = shape.Length - 1; i >= 0 && ++index[i] == shape[i]; i--) index[i] = 0;
        }
    }

    /// <summary>An array computed index by index.</summary>
    public static NdArray From(int[] shape, Func<int[], double> element)
    {
        var result = new NdArray(shape);
        int at = 0;
        ForEach(shape, index => result.Data[at++] = element(index));
        return result;
    }

    private int Offset(ReadOnlySpan<int> index)
    {
        int at = 0;
        for (int i = 0; i < Rank; i++) at += index[i] * Strides[i];
        return at;
    }
}
