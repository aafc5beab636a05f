using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Tests.Runtime;

/// <summary>
/// What ONNX Runtime 1.31.1 does with dequantized activations that pass through an operator that moves values: the exporter avoids what fails here.
/// If one of these fails after an update of ONNX Runtime, the exporter may be given more freedom.
/// </summary>
public sealed class OrtFactsTests
{
    [Theory]
    [InlineData(DataType.Uint8, 21, OpNames.Reshape, true)]
    [InlineData(DataType.Uint8, 21, OpNames.MaxPool, true)]
    [InlineData(DataType.Int8, 19, OpNames.Reshape, true)]
    [InlineData(DataType.Int8, 21, OpNames.Reshape, false)] // its propagation pass writes a QuantizeLinear whose zero point has the default type
    [InlineData(DataType.Int8, 21, OpNames.MaxPool, false)]
    [InlineData(DataType.Int8, 21, OpNames.Relu, true)]
    [InlineData(DataType.Uint4, 21, OpNames.Reshape, true)]
    [InlineData(DataType.Uint4, 21, OpNames.MaxPool, false)] // it makes MaxPool an integer kernel that it does not have
    public void Which_quantized_activations_may_be_moved(DataType type, int opset, string op, bool works)
    {
        var model = TinyModel.Of(
            opset, ("x", [1, 4, 4, 4]),
            [TensorData.Scalar("scale", 0.1f), TensorData.Scalar("zero", type, 1), TensorData.Of("shape", [2], [1L, -1])],
            OnnxNode.Of(OpNames.QuantizeLinear, ["x", "scale", "zero"], ["q"]),
            OnnxNode.Of(OpNames.DequantizeLinear, ["q", "scale", "zero"], ["dq"]),
            op == OpNames.MaxPool ? OnnxNode.Of(op, ["dq"], ["y"]).With("kernel_shape", [2L, 2]) : OnnxNode.Of(op, op == OpNames.Reshape ? ["dq", "shape"] : ["dq"], ["y"]));
        if (works) new OrtSession(model).Dispose();
        else Assert.Equal(DiagnosticCatalog.RuntimeRefused, Assert.Throws<HaqException>(() => new OrtSession(model)).Diagnostic.Descriptor);
    }

    [Theory]
    [InlineData(254.4f, true)]
    [InlineData(254.6f, true)] // the Clip changes no integer, but ends inside of the range: 1.29 refused the model
    [InlineData(254.99f, true)]
    [InlineData(255f, true)]
    public void Which_clips_may_stand_between_a_product_and_its_quantization(float top, bool works)
    {
        if (works) new OrtSession(ClippedProduct.Of(6 / top)).Dispose();
        else Assert.Equal(DiagnosticCatalog.RuntimeRefused, Assert.Throws<HaqException>(() => new OrtSession(ClippedProduct.Of(6 / top))).Diagnostic.Descriptor);
    }
}
