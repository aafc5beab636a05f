using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Quantization.Regions;
using Haq.Engine.Tests.Quantization.Export;
using Haq.Engine.Tests.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Quantization.Regions;

/// <summary>
/// What ONNX Runtime rewrites around pairs so that numbers change (<c>OrtRewritingTests</c>) is not in files of plans: a default session computes what is written, for every single unit in
/// floating point or in integers.
/// </summary>
public sealed class SilentRewritesTests
{
    // Integer kernels round once where the file says to round: at most half an integer of the last grid, 8 bits have about 48 dB.
    private const double Rounding = 30;

    [Theory]
    [InlineData("residual")]
    [InlineData("mixed")]
    [InlineData("products")]
    public void A_default_session_computes_what_is_written_whatever_is_in_integers(string network)
    {
        var (model, quantizer) = Of(network);
        var map = model.Regions!;
        foreach (var plan in Plans(map))
        {
            var exported = QdqExporter.Export(quantizer.Quantize(plan), forProcessor: true);
            PinBatch(exported);
            double agreement = TwoSessions.Agreement(exported);
            Assert.True(agreement > Rounding, $"{network}, {plan}: {agreement:F1} dB");
        }
    }

    [Theory]
    [InlineData("residual")]
    [InlineData("mixed")]
    public void No_pair_follows_one_on_another_grid(string network)
    {
        var (model, quantizer) = Of(network);
        foreach (var plan in Plans(model.Regions!))
        {
            var view = new GraphView(QdqExporter.Export(quantizer.Quantize(plan), forProcessor: true));
            foreach (var quantize in view.Order.Where(n => n.Is(OpNames.QuantizeLinear)))
            {
                if (view.ProducerOf(quantize.Input[0]) is not { } before || !before.Is(OpNames.DequantizeLinear)) continue;
                Assert.Equal(view.Floats(before.Input[1]), view.Floats(quantize.Input[1]));
                Assert.Equal(view.Longs(before.Input[2]), view.Longs(quantize.Input[2]));
            }
        }
    }

    [Fact]
    public void Biases_have_the_scale_of_their_sums_and_weights_a_written_zero_point()
    {
        var (model, quantizer) = Of("mixed");
        var view = new GraphView(QdqExporter.Export(quantizer.Quantize(model.Regions!.AllInteger), forProcessor: true));
        int biases = 0;
        foreach (var layer in view.Order.Where(n => n.OpType is OpNames.Conv or OpNames.Gemm))
        {
            if (view.ProducerOf(layer.Input[1]) is not { } weights || !weights.Is(OpNames.DequantizeLinear)) continue;
            Assert.NotEqual("", weights.InputAt(2));
            if (view.ProducerOf(layer.InputAt(2)) is not { } bias) continue;
            float input = view.Floats(view.ProducerOf(layer.Input[0])!.Input[1])![0];
            float[] scales = view.Floats(weights.Input[1])!, own = view.Floats(bias.Input[1])!;
            for (int c = 0; c < own.Length; c++) Assert.Equal(1, own[c] / ((double)input * scales[scales.Length == 1 ? 0 : c]), 1e-6);
            biases++;
        }
        Assert.True(biases >= 2);
    }

    [Fact]
    public void A_softmax_has_a_scale_whose_inverse_is_an_integer_and_an_interpolation_stays_real()
    {
        var (model, quantizer) = Of("mixed");
        var exported = QdqExporter.Export(quantizer.Quantize(model.Regions!.AllInteger), forProcessor: true);
        string[] operators = TwoSessions.Operators(exported);
        float scale = new GraphView(exported).Floats(new GraphView(exported).Order.Single(n => n.Is(OpNames.QuantizeLinear) && n.Input[0] == "g").Input[1])![0];
        Assert.Equal(0, 1f / scale % 1);
        Assert.Contains("QLinearSoftmax", operators);
        Assert.Contains(OpNames.Resize, operators);
        var resize = new GraphView(exported).Order.Single(n => n.Is(OpNames.Resize));
        Assert.DoesNotContain(model.Regions!.Units, u => u.Nodes.Contains(resize.Name));
    }

    private static IEnumerable<RegionPlan> Plans(RegionMap map) =>
        Enumerable.Range(0, map.Units.Length).Where(u => map.Units[u].CanBeInteger).SelectMany(u => new[] { map.AllInteger.With(u, UnitForm.Float), map.AllFloat.With(u, UnitForm.Integers) })
            .Append(map.AllInteger);

    private static (QuantizableModel Model, RegionQuantizer Quantizer) Of(string network)
    {
        var (source, shape) = network switch
        {
            "residual" => (SmallNetworks.Residual(), new[] { 3, 8, 8 }),
            "products" => (SmallNetworks.Products(), [SmallNetworks.ProductRows, 64]),
            _ => (Mixed(), [3, 8, 8]),
        };
        var model = QuantizableModel.Prepare(source, new PreparationOptions { Regions = true });
        var random = new SeededRandom(19);
        using var data = new ArrayDataset("x", [.. shape.Select(e => (long)e)], [.. Enumerable.Range(0, 32 * shape.Aggregate(1, (a, b) => a * b)).Select(_ => (float)random.NextNormal())]);
        var quantizer = new PostTrainingQuantizer(model, new Calibrator(model).Run(data));
        return (model, new RegionQuantizer(quantizer, model.Regions!, [.. model.Layers.Select(_ => new LayerBits(8, 8))]));
    }

    // A convolution, a transposed one, an interpolation, a softmax and a product between two of them.
    private static OnnxModel Mixed()
    {
        float[] Weights(ulong seed, int count) => TwoSessions.Normal(seed, count, 0.2);
        NodeProto Window(string op, string from, string weights, string to, string name) =>
            OnnxNode.Of(op, [from, weights, $"{weights}.bias"], [to], name).With("kernel_shape", [3L, 3]).With("pads", [1L, 1, 1, 1]);
        return TinyModel.Of(21, ("x", [-1, 3, 8, 8]),
            [
                TensorData.Of("w1", [8, 3, 3, 3], Weights(1, 216)), TensorData.Of("w1.bias", [8], Weights(2, 8)),
                TensorData.Of("w2", [8, 8, 3, 3], Weights(3, 576)), TensorData.Of("w2.bias", [8], Weights(4, 8)),
                TensorData.Of("w3", [8, 8, 3, 3], Weights(5, 576)), TensorData.Of("w3.bias", [8], Weights(6, 8)),
                TensorData.Of("twice", [4], [1f, 1, 2, 2]), TensorData.Of("w4", [8, 6], Weights(7, 48)), TensorData.Of("w4.bias", [6], Weights(8, 6)),
            ],
            Window(OpNames.Conv, "x", "w1", "a", "first"), OnnxNode.Of(OpNames.Relu, ["a"], ["b"], "relu"),
            Window(OpNames.ConvTranspose, "b", "w2", "c", "transposed"), OnnxNode.Of(OpNames.Relu, ["c"], ["d"], "relu2"),
            OnnxNode.Of(OpNames.Resize, ["d", "", "twice"], ["e"], "twice as large").With("mode", "linear"),
            Window(OpNames.Conv, "e", "w3", "f", "second"), OnnxNode.Of(OpNames.Softmax, ["f"], ["g"], "softmax").With("axis", 1L),
            OnnxNode.Of(OpNames.Mul, ["g", "f"], ["h"], "gate"), OnnxNode.Of(OpNames.GlobalAveragePool, ["h"], ["p"], "average"), OnnxNode.Of(OpNames.Flatten, ["p"], ["q"], "flatten"),
            OnnxNode.Of(OpNames.Gemm, ["q", "w4", "w4.bias"], ["y"], "head"));
    }

    private static void PinBatch(OnnxModel model) => model.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimValue = 1;
}
