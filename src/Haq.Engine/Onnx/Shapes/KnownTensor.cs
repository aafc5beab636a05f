using Onnx;

namespace Haq.Engine.Onnx.Shapes;

/// <summary>A small tensor whose elements are known while shapes are inferred. Integers and booleans are exact; reals are 64 bits.</summary>
internal sealed class KnownTensor
{
    /// <summary>Larger tensors are data, not shape arithmetic.</summary>
    public const int MaxCount = 1 << 14;

    private readonly long[]? _integers;
    private readonly double[]? _reals;

    public KnownTensor(DataType type, long[] shape, long[] values) => (Type, Shape, _integers) = (type, shape, values);

    public KnownTensor(DataType type, long[] shape, double[] values) => (Type, Shape, _reals) = (type, shape, values);

    public DataType Type { get; }

    public long[] Shape { get; }

    public int Count => _integers?.Length ?? _reals!.Length;

    public bool IsReal => _reals is not null;

    /// <summary>The elements as integers; reals are truncated as Cast does.</summary>
    public long[] Integers => _integers ?? Array.ConvertAll(_reals!, Truncate);

    public double[] Reals => _reals ?? Array.ConvertAll(_integers!, v => (double)v);

    public static KnownTensor? Of(TensorProto tensor, ExternalData external)
    {
        var type = TensorData.TypeOf(tensor);
        if (type is DataType.Complex64 or DataType.Complex128 || TensorData.ByteLength(tensor) is null || TensorData.Count(tensor) > MaxCount) return null;
        return ElementTypes.IsReal(type)
            ? new KnownTensor(type, TensorData.Dims(tensor), TensorData.ToDoubles(tensor, external))
            : new KnownTensor(type, TensorData.Dims(tensor), TensorData.ToLongs(tensor, external));
    }

    /// <summary>Elements taken from this tensor by position.</summary>
    public KnownTensor Pick(long[] shape, int[] positions) => IsReal
        ? new KnownTensor(Type, shape, Array.ConvertAll(positions, p => _reals![p]))
        : new KnownTensor(Type, shape, Array.ConvertAll(positions, p => _integers![p]));

    public KnownTensor Reshaped(long[] shape) => IsReal ? new KnownTensor(Type, shape, _reals!) : new KnownTensor(Type, shape, _integers!);

    public KnownTensor Cast(DataType to)
    {
        if (ElementTypes.IsReal(to)) return new KnownTensor(to, Shape, Reals);
        long[] values = to == DataType.Bool ? (IsReal ? Array.ConvertAll(_reals!, v => v != 0 ? 1L : 0) : Array.ConvertAll(_integers!, v => v != 0 ? 1L : 0)) : Integers;
        return new KnownTensor(to, Shape, values);
    }

    private static long Truncate(double value) => double.IsNaN(value) ? 0 : value >= long.MaxValue ? long.MaxValue : value <= long.MinValue ? long.MinValue : (long)value;
}
