using System.Runtime.InteropServices;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Weights;
using Onnx;

namespace Haq.Engine.Quantization.Weights;

/// <summary>Quantized weights as a tensor of the 32-bit reals that they stand for.</summary>
internal static class DequantizedTensor
{
    /// <summary>The tensor; the values are written where it keeps them, without a copy.</summary>
    public static TensorProto Of(string name, ReadOnlySpan<long> shape, QuantizedWeights weights)
    {
        byte[] bytes = new byte[weights.Layout.Count * sizeof(float)];
        weights.Dequantize(MemoryMarshal.Cast<byte, float>(bytes.AsSpan()));
        return TensorData.OfBytes(name, DataType.Float, shape, bytes);
    }
}
