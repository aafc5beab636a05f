using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Onnx;

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
        Opens(works, model);
    }

    /// <summary>Why activations of four bits and fewer are UINT8 with a Clip in front: null where the model is refused.</summary>
    [Theory]
    [InlineData(DataType.Uint8, DataType.Int8, "QLinearConv")]
    [InlineData(DataType.Uint8, DataType.Int4, OpNames.Conv)]
    [InlineData(DataType.Uint4, DataType.Int8, null)]
    [InlineData(DataType.Uint4, DataType.Int4, OpNames.Conv)]
    public void Which_integers_a_convolution_takes(DataType activations, DataType weights, string? kernel)
    {
        var model = TinyModel.Of(
            21, ("x", [1, 4, 4, 4]),
            [TensorData.Scalar("scale", 0.1f), TensorData.Scalar("zero", activations, 1), TensorData.Of("w", weights, [4, 4, 1, 1], [.. Enumerable.Range(0, 16).Select(i => (long)(i % 8 - 4))])],
            OnnxNode.Of(OpNames.QuantizeLinear, ["x", "scale", "zero"], ["q"]),
            OnnxNode.Of(OpNames.DequantizeLinear, ["q", "scale", "zero"], ["dq"]),
            OnnxNode.Of(OpNames.DequantizeLinear, ["w", "scale"], ["wd"]),
            OnnxNode.Of(OpNames.Conv, ["dq", "wd"], ["c"], "layer"),
            OnnxNode.Of(OpNames.QuantizeLinear, ["c", "scale", "zero"], ["cq"]),
            OnnxNode.Of(OpNames.DequantizeLinear, ["cq", "scale", "zero"], ["y"]));
        Opens(kernel is not null, model);
        if (kernel is not null) Assert.Contains(OptimizedGraph.Of(model).Node, n => n.OpType == kernel);
    }

    /// <summary>A Clip that changes no integer is dropped wherever it ends, so that nothing stands between a product and its integer kernel.</summary>
    [Theory]
    [InlineData(254.6f)] // ends less than half a step inside of the range
    [InlineData(254.99f)]
    [InlineData(255f)]
    public void Clips_that_change_no_integer_keep_no_product_from_its_kernel(float top)
    {
        var graph = OptimizedGraph.Of(ClippedProduct.Of(6 / top));
        Assert.DoesNotContain(graph.Node, n => n.OpType is OpNames.Clip or OpNames.MatMul);
    }

    /// <summary>Two-bit weights as a type of their own, read by a product of real numbers: in one piece and in blocks.</summary>
    [Theory]
    [InlineData(DataType.Int4, OpNames.MatMul, 0, true, "MatMulNBits")]
    [InlineData(DataType.Int4, OpNames.MatMul, 32, true, "MatMulNBits")]
    [InlineData(NewerDataType.Int2, OpNames.MatMul, 0, true, "MatMulNBits")]
    [InlineData(NewerDataType.Int2, OpNames.Gemm, 0, true, "MatMulNBits")]
    [InlineData(NewerDataType.Int2, OpNames.MatMul, 32, true, "MatMulNBits")]
    public void Which_narrow_weights_a_real_product_takes(DataType type, string op, int block, bool works, string kernel)
    {
        const int Inputs = 64, Outputs = 32;
        int blocks = block == 0 ? 1 : Inputs / block;
        long[] integers = [.. Enumerable.Range(0, Inputs * Outputs).Select(i => (long)(i * 7 % 4 - 2))];
        float[] scales = [.. Enumerable.Range(0, blocks * Outputs).Select(i => 0.01f * (1 + i % 5))];
        var weights = OnnxNode.Of(OpNames.DequantizeLinear, ["w", "scales"], ["wd"]).With("axis", block == 0 ? 1 : 0);
        if (block > 0) weights.With("block_size", block);
        var model = TinyModel.Of(
            25, ("x", [4, Inputs]), [TensorData.Of("w", type, [Inputs, Outputs], integers), TensorData.Of("scales", block == 0 ? [Outputs] : [blocks, Outputs], scales)],
            weights, OnnxNode.Of(op, ["x", "wd"], ["y"]));
        model.Proto.IrVersion = 13;
        Opens(works, model);
        if (!works) return;
        Assert.Equal(kernel, OptimizedGraph.Of(model).Node[^1].OpType);
        float[] x = [.. Enumerable.Range(0, 4 * Inputs).Select(i => MathF.Sin(i))];
        using var session = new OrtSession(model);
        using var input = OrtTensor.Of<float>(x, 4, Inputs);
        using var output = session.Run(new Dictionary<string, OrtTensor> { ["x"] = input })[0];
        float[] y = output.ToFloats();
        for (int row = 0; row < 4; row++)
        {
            for (int column = 0; column < Outputs; column++)
            {
                double sum = 0;
                for (int i = 0; i < Inputs; i++) sum += x[row * Inputs + i] * integers[i * Outputs + column] * scales[(block == 0 ? 0 : i / block) * Outputs + column];
                Assert.Equal(sum, y[row * Outputs + column], 0.02);
            }
        }
    }

    /// <summary>Why two-bit weights are written for products of real numbers alone: behind a pair they are refused, whether another one follows or not.</summary>
    [Theory]
    [InlineData(OpNames.Conv, 0, true, false)]
    [InlineData(OpNames.MatMul, 0, true, false)]
    [InlineData(OpNames.MatMul, 32, true, false)]
    [InlineData(OpNames.MatMul, 32, false, false)]
    public void Which_layers_behind_pairs_take_two_bit_weights(string op, int block, bool between, bool works)
    {
        bool conv = op == OpNames.Conv;
        var weights = OnnxNode.Of(OpNames.DequantizeLinear, ["w", "scales"], ["wd"]).With("axis", 0);
        if (block > 0) weights.With("block_size", block);
        NodeProto[] behind = between ? [OnnxNode.Of(OpNames.QuantizeLinear, ["c", "scale", "zero"], ["cq"]), OnnxNode.Of(OpNames.DequantizeLinear, ["cq", "scale", "zero"], ["y"])] : [];
        var model = TinyModel.Of(
            25, ("x", conv ? [1, 64, 2, 2] : [4, 64]),
            [
                TensorData.Scalar("scale", 0.1f), TensorData.Scalar("zero", DataType.Uint8, 128), TensorData.Of("w", NewerDataType.Int2, conv ? [64, 64, 1, 1] : [64, 64], new long[64 * 64]),
                TensorData.Of("scales", block == 0 ? [64] : [64 / block, 64], [.. Enumerable.Repeat(0.1f, block == 0 ? 64 : 64 / block * 64)]),
            ],
            [OnnxNode.Of(OpNames.QuantizeLinear, ["x", "scale", "zero"], ["q"]), OnnxNode.Of(OpNames.DequantizeLinear, ["q", "scale", "zero"], ["dq"]), weights, OnnxNode.Of(op, ["dq", "wd"], ["c"], "layer"), .. behind]);
        model.Proto.IrVersion = 13;
        Opens(works, model);
    }

    /// <summary>The newest operator set that the runtime opens is the one that is let through.</summary>
    [Theory]
    [InlineData(OnnxModel.NewestOpset, true)]
    [InlineData(OnnxModel.NewestOpset + 1, false)]
    public void Which_operator_set_is_the_newest(int opset, bool works)
    {
        var model = TinyModel.Of(opset, ("x", [4, 64]), [], OnnxNode.Of(OpNames.Relu, ["x"], ["y"]));
        model.Proto.IrVersion = 13;
        Opens(works, model);
    }

    private static void Opens(bool works, OnnxModel model)
    {
        if (works) new OrtSession(model).Dispose();
        else Assert.Equal(DiagnosticCatalog.RuntimeRefused, Assert.Throws<HaqException>(() => new OrtSession(model)).Diagnostic.Descriptor);
    }
}
