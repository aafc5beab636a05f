using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Onnx;

namespace Haq.Engine.Runtime;

/// <summary>
/// A tensor in native memory that ONNX Runtime reads or writes in place: one of ours (64-byte aligned, zero at first), or a result that it made.
/// Reading or writing while a run uses it is the caller's race.
/// </summary>
public sealed unsafe class OrtTensor : IDisposable
{
    private const int Alignment = 64;
    private void* _memory;
    private readonly void* _data;
    private readonly long _bytes;

    private OrtTensor(DataType type, ImmutableArray<long> shape)
    {
        (Type, Shape) = (type, shape);
        long count = 1;
        foreach (long extent in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(extent, nameof(shape));
            count = checked(count * extent);
        }
        Count = count;
        _bytes = checked((count * ElementTypes.BitsOf(type) + 7) / 8);
        ArgumentOutOfRangeException.ThrowIfZero(ElementTypes.BitsOf(type), nameof(type));
        nuint size = (nuint)Math.Max(Alignment, _bytes);
        _memory = _data = NativeMemory.AlignedAlloc(size, Alignment);
        NativeMemory.Clear(_memory, size);
        Value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, (TensorElementType)type, [.. shape], (nint)_data, _bytes);
    }

    internal OrtTensor(OrtValue value)
    {
        Value = value;
        var info = value.GetTensorTypeAndShape();
        (Type, Shape, Count) = ((DataType)info.ElementDataType, [.. info.Shape], info.ElementCount);
        if (Type == DataType.String) return;
        var raw = value.GetTensorMutableRawData();
        _bytes = raw.Length;
        _data = System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(raw));
    }

    /// <summary>The element type.</summary>
    public DataType Type { get; }

    /// <summary>The extents.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>The number of elements.</summary>
    public long Count { get; }

    internal OrtValue Value { get; }

    /// <summary>A tensor of zeros.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An extent is negative, or the type is not numeric.</exception>
    public static OrtTensor Zeros(DataType type, params ReadOnlySpan<long> shape) => new(type, [.. shape]);

    /// <summary>A tensor with a copy of <paramref name="values"/>.</summary>
    /// <exception cref="ArgumentException">The number of values does not fit the shape.</exception>
    public static OrtTensor Of<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> shape) where T : unmanaged
    {
        var tensor = new OrtTensor(TypeOf<T>(), [.. shape]);
        if (tensor.Count != values.Length)
        {
            tensor.Dispose();
            throw new ArgumentException($"{values.Length} values do not fill [{string.Join(',', shape.ToArray())}]", nameof(values));
        }
        values.CopyTo(tensor.Values<T>());
        return tensor;
    }

    /// <summary>A tensor with a copy of a constant's elements.</summary>
    /// <exception cref="HaqException">The constant's data cannot be read (HAQ0304, HAQ0305).</exception>
    public static OrtTensor Of(TensorProto constant, ExternalData? external = null)
    {
        var bytes = TensorData.Bytes(constant, external);
        var tensor = new OrtTensor(TensorData.TypeOf(constant), [.. constant.Dims]);
        bytes.Span.CopyTo(tensor.Bytes);
        GC.KeepAlive(constant);
        return tensor;
    }

    /// <summary>The elements, in place. <typeparamref name="T"/> has the size of the element type; <see cref="Half"/> reads float16.</summary>
    /// <exception cref="InvalidOperationException">The size of <typeparamref name="T"/> is another.</exception>
    public Span<T> Values<T>() where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_data == null && Count > 0, this);
        if (sizeof(T) * 8 != ElementTypes.BitsOf(Type)) throw new InvalidOperationException($"elements are {ElementTypes.NameOf(Type)}, not {typeof(T).Name}");
        return new Span<T>(_data, checked((int)Count));
    }

    /// <summary>The elements as packed bytes, in place.</summary>
    public Span<byte> Bytes => new(_data, checked((int)_bytes));

    /// <summary>A constant of this tensor's elements.</summary>
    public TensorProto ToProto(string name) => TensorData.OfBytes(name, Type, Shape.AsSpan(), Bytes.ToArray());

    /// <summary>The elements as 32-bit reals, whatever their type.</summary>
    public float[] ToFloats() => TensorData.ToFloats(ToProto(""));

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Value.Dispose();
        if (_memory == null) return;
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }

    private static DataType TypeOf<T>() => default(T) switch
    {
        float => DataType.Float,
        double => DataType.Double,
        Half => DataType.Float16,
        long => DataType.Int64,
        int => DataType.Int32,
        short => DataType.Int16,
        sbyte => DataType.Int8,
        ulong => DataType.Uint64,
        uint => DataType.Uint32,
        ushort => DataType.Uint16,
        byte => DataType.Uint8,
        bool => DataType.Bool,
        _ => throw new ArgumentException($"ONNX has no element type like {typeof(T).Name}"),
    };
}
