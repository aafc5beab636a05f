using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Runtime;

/// <summary>A quantized product whose result is clipped to 0..6 and quantized with a given step.</summary>
internal static class ClippedProduct
{
    public static OnnxModel Of(float step) => TinyModel.Of(
        21, ("x", [4, 8]),
        [
            TensorData.Scalar("x_scale", 0.02f), TensorData.Scalar("x_zero", DataType.Uint8, 3), TensorData.Scalar("y_scale", step), TensorData.Scalar("y_zero", DataType.Uint8, 0),
            TensorData.Of("w", DataType.Int8, [8, 8], [.. Enumerable.Range(0, 64).Select(i => (long)(i * 37 % 201 - 100))]), TensorData.Of("w_scale", [8], [.. Enumerable.Repeat(0.05f, 8)]),
            TensorData.Of("w_zero", DataType.Int8, [8], new long[8]), TensorData.Scalar("low", 0f), TensorData.Scalar("high", 6f),
        ],
        OnnxNode.Of(OpNames.QuantizeLinear, ["x", "x_scale", "x_zero"], ["xq"], "xq"),
        OnnxNode.Of(OpNames.DequantizeLinear, ["xq", "x_scale", "x_zero"], ["xd"], "xd"),
        OnnxNode.Of(OpNames.DequantizeLinear, ["w", "w_scale", "w_zero"], ["wd"], "wd").With("axis", 1),
        OnnxNode.Of(OpNames.MatMul, ["xd", "wd"], ["p"], "product"),
        OnnxNode.Of(OpNames.Clip, ["p", "low", "high"], ["c"], "clip"),
        OnnxNode.Of(OpNames.QuantizeLinear, ["c", "y_scale", "y_zero"], ["yq"], "yq"),
        OnnxNode.Of(OpNames.DequantizeLinear, ["yq", "y_scale", "y_zero"], ["y"], "yd"));
}
