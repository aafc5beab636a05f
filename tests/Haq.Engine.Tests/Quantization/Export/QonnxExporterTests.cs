using Haq.Engine.Data;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Zoo;
using Onnx;

namespace Haq.Engine.Tests.Quantization.Export;

public sealed class QonnxExporterTests
{
    /// <summary>The table of docs/qonnx-custom-ops/intquant_v1.md, fastmachinelearning/qonnx at 95e380a.</summary>
    public static TheoryData<string, float[]> RoundingTable => new()
    {
        { "ROUND", [6, 2, 2, 1, 1, -1, -1, -2, -2, -6] },
        { "CEIL", [6, 3, 2, 2, 1, -1, -1, -1, -2, -5] },
        { "FLOOR", [5, 2, 1, 1, 1, -1, -2, -2, -3, -6] },
        { "UP", [6, 3, 2, 2, 1, -1, -2, -2, -3, -6] },
        { "DOWN", [5, 2, 1, 1, 1, -1, -1, -1, -2, -5] },
        { "HALF_UP", [6, 3, 2, 1, 1, -1, -1, -2, -3, -6] },
        { "HALF_DOWN", [5, 2, 2, 1, 1, -1, -1, -2, -2, -5] },
    };

    [Theory]
    [MemberData(nameof(RoundingTable))]
    public void The_expansion_that_exports_are_run_through_rounds_as_the_definition_says(string mode, float[] expected)
    {
        float[] numbers = [5.5f, 2.5f, 1.6f, 1.1f, 1.0f, -1.0f, -1.1f, -1.6f, -2.5f, -5.5f];
        var graph = new GraphProto { Name = "table" };
        graph.Initializer.Add([TensorData.Of("x", [10], numbers), TensorData.Scalar("scale", 1f), TensorData.Scalar("zero", 0f), TensorData.Scalar("bits", 8f)]);
        graph.Node.Add(OnnxNode.Of("Quant", ["x", "scale", "zero", "bits"], ["y"], "q", "qonnx.custom_op.general").With("signed", 1).With("narrow", 0).With("rounding_mode", mode));
        graph.Output.Add(new ValueInfoProto { Name = "y" });
        var proto = new ModelProto { IrVersion = 8, Graph = graph };
        proto.OpsetImport.Add([new OperatorSetIdProto { Version = 13 }, new OperatorSetIdProto { Domain = "qonnx.custom_op.general", Version = 1 }]);
        using var session = new OrtSession(QonnxExpansion.Expand(new OnnxModel(proto, "table")));
        using var result = session.Run(new Dictionary<string, OrtTensor>())[0];
        Assert.Equal(expected, result.ToFloats());
    }

    [Theory]
    [InlineData("8", false)]
    [InlineData("4", true)]
    [InlineData("w2a3", false)]
    [InlineData("w1a8", true)]
    [InlineData("w8a32", false)]
    public void The_exported_file_computes_what_the_qdq_file_computes(string bits, bool junctions)
    {
        Assert.True(LayerBits.TryParse(bits, out var widths));
        foreach (var source in new[] { SmallNetworks.Residual(), SmallNetworks.Tokens() })
        {
            var quantized = Quantized(source, widths, junctions);
            var qonnx = QonnxExporter.Export(quantized);
            Assert.Equal(13, qonnx.OpsetOf());
            Assert.Equal(1, qonnx.OpsetOf("qonnx.custom_op.general"));
            Assert.Equal(source.Graph.Input.Select(i => i.Name), qonnx.Graph.Input.Select(i => i.Name));
            Assert.Equal("somebody", qonnx.Proto.MetadataProps.Single(p => p.Key == "author").Value);
            Assert.Equal(qonnx.ToBytes(), QonnxExporter.Export(quantized).ToBytes());
            var (expected, actual) = (Outputs(QdqExporter.Export(quantized)), Outputs(QonnxExpansion.Expand(qonnx)));
            // A tie between two integers falls elsewhere where the zero point is odd: QONNX adds it before rounding. Everything else is the same arithmetic.
            float scale = expected.Max(MathF.Abs);
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], scale * 2e-6f);
        }
    }

    [Fact]
    public void Tensors_between_layers_keep_the_width_that_the_policy_gives_them()
    {
        var prepared = QuantizableModel.Prepare(SmallNetworks.Residual(), new PreparationOptions { Between = BetweenLayers.Tensors, Opset = QonnxExporter.Opset });
        using var noise = new RandomDataset(prepared.View, prepared.Shapes, 8);
        var table = new Calibrator(prepared, new CalibrationOptions { Moments = false }).Run(noise);
        Assert.NotEmpty(prepared.Tensors);
        var policy = Policy.Uniform(prepared.Layers.Length + prepared.Tensors.Length, new LayerBits(8, 16));
        var quantized = new PostTrainingQuantizer(prepared, table).Quantize(policy);
        var (qonnx, written) = (QonnxExporter.Export(quantized), QdqExporter.Export(quantized));
        float[] expected = Outputs(written), actual = Outputs(QonnxExpansion.Expand(qonnx));
        float scale = expected.Max(MathF.Abs);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], scale * 2e-4f);
        var view = new GraphView(qonnx);
        Assert.All(quantized.Junctions, j =>
        {
            var quant = j.Junction.IsOutput ? view.ProducerOf(j.Junction.Tensor)!
                : view.ConsumersOf(j.Junction.Tensor).First(n => n.OpType == "Quant" && view.Floats(n.Input[1])![0] == j.Quantizer.Scale);
            Assert.Equal(("Quant", 16f), (quant.OpType, view.Floats(quant.Input[3])![0]));
        });
    }

    [Fact]
    public void Nodes_are_as_the_definition_has_them()
    {
        var quantized = Quantized(SmallNetworks.Residual(), new LayerBits(4, 6), junctions: false);
        var model = QonnxExporter.Export(quantized);
        var view = new GraphView(model);
        var quants = view.Order.Where(n => n.Domain == "qonnx.custom_op.general").ToList();
        Assert.All(quants, q => Assert.Equal(("Quant", "ROUND"), (q.OpType, q.Text("rounding_mode", ""))));
        Assert.All(quants, q => Assert.Empty(view.ConstantOf(q.Input[3])!.Dims));
        var stem = view.Order.Single(n => n.Name == "left");
        var (activation, weight, bias) = (view.ProducerOf(stem.Input[0])!, view.ProducerOf(stem.Input[1])!, view.ProducerOf(stem.Input[2])!);
        Assert.Equal((0L, 0L, 6f), (activation.Int("signed", 1), activation.Int("narrow", 1), view.Floats(activation.Input[3])![0]));
        Assert.Equal((1L, 1L, 4f), (weight.Int("signed", 0), weight.Int("narrow", 0), view.Floats(weight.Input[3])![0]));
        Assert.Equal((1L, 0L, 32f), (bias.Int("signed", 0), bias.Int("narrow", 1), view.Floats(bias.Input[3])![0]));
        Assert.Equal([8L, 1, 1, 1], view.ConstantOf(weight.Input[1])!.Dims);
        // A Relu's output starts at zero, so that hardware without zero points can take it.
        Assert.Equal(0f, view.Floats(activation.Input[2])![0]);
        Assert.All(view.Order.SelectMany(n => n.Output).Where(o => o != "y"), o => Assert.Contains(model.Graph.ValueInfo, v => v.Name == o && v.Type.TensorType.Shape.Dim[0].DimParam != "1"));
    }

    internal static QuantizedModel Quantized(OnnxModel source, LayerBits bits, bool junctions, int block = 0, int opset = QonnxExporter.Opset)
    {
        var prepared = QuantizableModel.Prepare(source, new PreparationOptions { Between = junctions ? BetweenLayers.Junctions : BetweenLayers.Float, Opset = opset, Blocks = block > 0 });
        using var noise = new RandomDataset(prepared.View, prepared.Shapes, 8);
        var table = new Calibrator(prepared, new CalibrationOptions { Moments = false }).Run(noise);
        return new PostTrainingQuantizer(prepared, table, new WeightOptions { Block = block }).Quantize(Policy.Uniform(prepared.Layers.Length, bits));
    }

    internal static float[] Outputs(OnnxModel model)
    {
        var view = new GraphView(model);
        using var noise = new RandomDataset(view, ShapeInference.Infer(view), 4, seed: 5);
        using var batch = new Batch(noise, 1);
        using var session = new OrtSession(model, ExactSessions.Settings);
        var values = new List<float>();
        for (int i = 0; i < noise.Count; i++)
        {
            batch.Fill(noise, [i]);
            using var result = session.Run(batch.ByName)[0];
            values.AddRange(result.ToFloats());
        }
        return [.. values];
    }
}
