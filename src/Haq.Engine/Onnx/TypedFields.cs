using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Google.Protobuf.Collections;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Elements kept in a tensor's typed lists, turned into the packed form of <c>raw_data</c>.</summary>
internal static class TypedFields
{
    public static byte[] Pack(TensorProto tensor) => TensorData.TypeOf(tensor) switch
    {
        DataType.Float or DataType.Complex64 => Copy<float>(tensor.FloatData),
        DataType.Double or DataType.Complex128 => Copy<double>(tensor.DoubleData),
        DataType.Int64 => Copy<long>(tensor.Int64Data),
        DataType.Uint64 => Copy<ulong>(tensor.Uint64Data),
        DataType.Uint32 => Convert<ulong, uint>(tensor.Uint64Data, v => (uint)v),
        DataType.Int32 => Copy<int>(tensor.Int32Data),
        DataType.Int16 or DataType.Uint16 or DataType.Float16 or DataType.Bfloat16 => Convert<int, ushort>(tensor.Int32Data, v => (ushort)v),
        // 8 bits and below: one list entry per byte of the packed form.
        _ => Convert<int, byte>(tensor.Int32Data, v => (byte)v),
    };

    public static void Clear(TensorProto tensor)
    {
        Drop(tensor.FloatData);
        Drop(tensor.Int32Data);
        Drop(tensor.Int64Data);
        Drop(tensor.DoubleData);
        Drop(tensor.Uint64Data);
    }

    // A list that is cleared keeps its room.
    private static void Drop<T>(RepeatedField<T> list)
    {
        list.Clear();
        list.Capacity = 0;
    }

    private static byte[] Copy<T>(RepeatedField<T> list) where T : unmanaged
    {
        byte[] bytes = new byte[list.Count * Unsafe.SizeOf<T>()];
        var values = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        for (int i = 0; i < values.Length; i++) values[i] = list[i];
        return bytes;
    }

    private static byte[] Convert<TFrom, TTo>(IReadOnlyList<TFrom> list, Func<TFrom, TTo> convert) where TTo : unmanaged
    {
        var values = new TTo[list.Count];
        for (int i = 0; i < values.Length; i++) values[i] = convert(list[i]);
        return MemoryMarshal.AsBytes<TTo>(values).ToArray();
    }
}
