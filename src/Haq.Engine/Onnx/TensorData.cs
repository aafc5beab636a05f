using System.Runtime.InteropServices;
using Google.Protobuf;
using Haq.Engine.Diagnostics;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>
/// Reads the elements of a <see cref="TensorProto"/> of any numeric type, wherever it keeps them (raw, typed fields, another file), and makes tensors.
/// </summary>
public static class TensorData
{
    /// <summary>The product of the dimensions; a tensor without dimensions is a scalar and has 1.</summary>
    /// <exception cref="HaqException">A dimension is negative, or the product overflows (HAQ0305).</exception>
    public static long Count(TensorProto tensor)
    {
        long count = 1;
        foreach (long dim in tensor.Dims)
        {
            if (dim < 0 || (dim > 0 && count > long.MaxValue / 128 / dim)) throw Invalid(tensor, $"has the impossible shape [{string.Join(',', tensor.Dims)}]");
            count *= dim;
        }
        return count;
    }

    /// <summary>The element type.</summary>
    public static DataType TypeOf(TensorProto tensor) => (DataType)tensor.DataType;

    /// <summary>The dimensions.</summary>
    public static long[] Dims(TensorProto tensor) => [.. tensor.Dims];

    /// <summary>Bytes of the elements in little-endian, densely packed form; null for text and unknown types.</summary>
    public static long? ByteLength(TensorProto tensor)
    {
        int bits = ElementTypes.BitsOf(TypeOf(tensor));
        return bits == 0 ? null : (Count(tensor) * bits + 7) / 8;
    }

    /// <summary>As 32-bit reals the tensor would not fit one array.</summary>
    public static bool IsTooLarge(TensorProto tensor)
    {
        double count = 1;
        foreach (long extent in tensor.Dims) count *= extent;
        return count * sizeof(float) > Array.MaxLength;
    }

    /// <summary>
    /// The elements as the format packs them: little endian, several to a byte below 8 bits. A span of them does not keep what it came from: whoever reads one keeps the tensor.
    /// </summary>
    /// <param name="tensor">A tensor of numbers.</param>
    /// <param name="external">Where external data is found; needed only for tensors that have it.</param>
    /// <exception cref="HaqException">The number of elements does not fit the shape (HAQ0305), or external data cannot be read (HAQ0304).</exception>
    public static ReadOnlyMemory<byte> Bytes(TensorProto tensor, ExternalData? external = null)
    {
        long length = ByteLength(tensor) ?? throw Invalid(tensor, $"has type {ElementTypes.NameOf(TypeOf(tensor))}, which is not numeric");
        if (ExternalData.Holds(tensor))
            return (external ?? throw Invalid(tensor, "has external data, and the model was not read from a file")).Read(tensor);
        ReadOnlyMemory<byte> bytes = tensor.RawData.Length > 0 ? tensor.RawData.Memory : TypedFields.Pack(tensor);
        return bytes.Length == length ? bytes : throw Invalid(tensor, $"has {bytes.Length} bytes, but its type and shape need {length}");
    }

    /// <summary>Elements as 32-bit reals (integers are converted; real part of nothing: complex types are refused).</summary>
    /// <exception cref="HaqException">The tensor is not numeric or does not fit its shape (HAQ0305), or external data cannot be read (HAQ0304).</exception>
    public static float[] ToFloats(TensorProto tensor, ExternalData? external = null)
    {
        var bytes = Bytes(tensor, external).Span;
        var result = new float[Count(tensor)];
        switch (TypeOf(tensor))
        {
            case DataType.Float:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(result);
                break;
            case DataType.Float16:
                var halves = MemoryMarshal.Cast<byte, Half>(bytes);
                for (int i = 0; i < result.Length; i++) result[i] = (float)halves[i];
                break;
            default:
                for (int i = 0; i < result.Length; i++) result[i] = (float)PackedElements.Real(TypeOf(tensor), bytes, i);
                break;
        }
        GC.KeepAlive(tensor);
        return result;
    }

    /// <summary>Elements as 64-bit reals.</summary>
    /// <exception cref="HaqException">The tensor is not numeric or does not fit its shape (HAQ0305), or external data cannot be read (HAQ0304).</exception>
    public static double[] ToDoubles(TensorProto tensor, ExternalData? external = null)
    {
        var bytes = Bytes(tensor, external).Span;
        var result = new double[Count(tensor)];
        for (int i = 0; i < result.Length; i++) result[i] = PackedElements.Real(TypeOf(tensor), bytes, i);
        GC.KeepAlive(tensor);
        return result;
    }

    /// <summary>Elements as 64-bit integers; reals are truncated towards zero, booleans are 0 or 1.</summary>
    /// <exception cref="HaqException">The tensor is not numeric or does not fit its shape (HAQ0305), or external data cannot be read (HAQ0304).</exception>
    public static long[] ToLongs(TensorProto tensor, ExternalData? external = null)
    {
        var bytes = Bytes(tensor, external).Span;
        var result = new long[Count(tensor)];
        for (int i = 0; i < result.Length; i++) result[i] = PackedElements.Integer(TypeOf(tensor), bytes, i);
        GC.KeepAlive(tensor);
        return result;
    }

    /// <summary>A tensor of 32-bit reals.</summary>
    /// <exception cref="ArgumentException">The number of values does not fit the shape.</exception>
    public static TensorProto Of(string name, ReadOnlySpan<long> dims, ReadOnlySpan<float> values) =>
        Make(name, DataType.Float, dims, values.Length, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>A tensor of integers of <paramref name="type"/>, packed as the format packs them.</summary>
    /// <exception cref="ArgumentException">The number of values does not fit the shape, a value does not fit the type, or the type is not an integer or boolean.</exception>
    public static TensorProto Of(string name, DataType type, ReadOnlySpan<long> dims, ReadOnlySpan<long> values) =>
        Make(name, type, dims, values.Length, PackedElements.Pack(type, values));

    /// <summary>A tensor of 64-bit integers.</summary>
    /// <exception cref="ArgumentException">The number of values does not fit the shape.</exception>
    public static TensorProto Of(string name, ReadOnlySpan<long> dims, ReadOnlySpan<long> values) => Of(name, DataType.Int64, dims, values);

    /// <summary>A tensor of real type <paramref name="type"/> (float, double, float16 or bfloat16), rounded to nearest even.</summary>
    /// <exception cref="ArgumentException">The number of values does not fit the shape, or the type is another.</exception>
    public static TensorProto Of(string name, DataType type, ReadOnlySpan<long> dims, ReadOnlySpan<double> values) =>
        Make(name, type, dims, values.Length, PackedElements.Pack(type, values));

    /// <summary>A scalar of 32 bits.</summary>
    public static TensorProto Scalar(string name, float value) => Of(name, [], [value]);

    /// <summary>A scalar integer of <paramref name="type"/>.</summary>
    /// <exception cref="ArgumentException">The value does not fit the type, or the type is not an integer or boolean.</exception>
    public static TensorProto Scalar(string name, DataType type, long value) => Of(name, type, [], [value]);

    /// <summary>A tensor from bytes that are packed already.</summary>
    /// <exception cref="ArgumentException">The number of bytes does not fit type and shape.</exception>
    public static TensorProto OfBytes(string name, DataType type, ReadOnlySpan<long> dims, ReadOnlyMemory<byte> bytes)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = UnsafeByteOperations.UnsafeWrap(bytes) };
        foreach (long dim in dims) tensor.Dims.Add(dim);
        if (ByteLength(tensor) != bytes.Length) throw new ArgumentException($"{bytes.Length} bytes do not fill {type} [{string.Join(',', tensor.Dims)}]", nameof(bytes));
        return tensor;
    }

    private static TensorProto Make(string name, DataType type, ReadOnlySpan<long> dims, int count, byte[] bytes)
    {
        long expected = 1;
        foreach (long dim in dims) expected *= dim;
        if (expected != count) throw new ArgumentException($"{count} values do not fill [{string.Join(',', dims.ToArray())}]", nameof(dims));
        return OfBytes(name, type, dims, bytes);
    }

    private static HaqException Invalid(TensorProto tensor, string what) =>
        DiagnosticCatalog.InvalidGraph.Error((SourceLocation?)null, $"tensor '{tensor.Name}' {what}. The model file is damaged or was written wrongly; export it again.");
}
