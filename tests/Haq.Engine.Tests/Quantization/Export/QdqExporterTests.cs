using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Evaluation;
using Onnx;

namespace Haq.Engine.Tests.Quantization.Export;

public sealed class QdqExporterTests(ITestOutputHelper output)
{
    public static TheoryData<string> Policies => ["8", "4", "w4a8", "w2a3", "w1a8", "w8a16", "w16a8", "16", "w32a8", "w8a32", "mixed", "wide"];

    // No hardware multiplies real weights with integers, so w32a8 cannot be written in a manifest; probes that tell activations from weights measure it.
    private static QuantizedModel Quantized(PostTrainingQuantizer quantizer, string policy) => quantizer.Quantize(policy switch
    {
        "mixed" => MeasuredEvaluatorTests.Mixed(quantizer, policy, 2, 3, 4, 5, 6, 7, 8),
        "wide" => MeasuredEvaluatorTests.Mixed(quantizer, policy, 4, 8, 16, 32),
        "w32a8" => Policy.Uniform(quantizer.Model.Layers.Length, new LayerBits(Bitwidth.Float, Bitwidth.Eight)),
        _ => Policy.Uniform(quantizer.Model.Layers.Length, LayerBits.TryParse(policy, out var bits) ? bits : throw new ArgumentException(policy, nameof(policy))),
    });

    [Theory]
    [MemberData(nameof(Policies))]
    public void The_exported_file_computes_what_the_evaluator_computed_bit_for_bit(string name)
    {
        var quantizer = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(96);
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        var evaluator = new MeasuredEvaluator(quantizer, set);
        var quantized = Quantized(quantizer, name);
        var expected = evaluator.Samples(quantized, CancellationToken.None);

        string path = Path.Combine(Path.GetTempPath(), $"haq-{Guid.NewGuid():n}.onnx");
        try
        {
            QdqExporter.Export(quantized).Save(path);
            var exported = OnnxModel.Load(path);
            using var session = new OrtSession(exported, ExactSessions.Settings);
            var actual = set.Run(session, CancellationToken.None);
            Assert.Equal(expected, actual);
            // A user's session turns 8-bit layers into integer kernels, which round sums once instead of twice.
            var measured = evaluator.Evaluate(quantized, CancellationToken.None);
            var stock = set.Score(exported, SessionSettings.Default);
            output.WriteLine($"{name}: {measured.Loss} as written, {stock.Loss} in a stock session");
            Assert.Equal(measured.Loss, stock.Loss, Math.Max(1e-4, measured.Loss * 0.02));
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>A MatMul and the Add after it, and one without: the Add's constant, or one that is put in, takes the correction.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Products_are_corrected_bit_for_bit_too(bool perChannel)
    {
        var random = new SeededRandom(3);
        float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
        var graph = new GraphProto { Name = "g" };
        var rows = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = new TensorShapeProto() };
        rows.Shape.Dim.Add([new TensorShapeProto.Types.Dimension { DimParam = "N" }, new TensorShapeProto.Types.Dimension { DimValue = 24 }]);
        graph.Input.Add(new ValueInfoProto { Name = "x", Type = new TypeProto { TensorType = rows } });
        graph.Initializer.Add([TensorData.Of("w1", [24, 32], Normal(24 * 32)), TensorData.Of("b1", [32], Normal(32)), TensorData.Of("w2", [32, 10], Normal(320))]);
        graph.Node.Add([
            OnnxNode.Of(OpNames.MatMul, ["x", "w1"], ["p1"], "first"), OnnxNode.Of(OpNames.Add, ["b1", "p1"], ["s1"], "add"), OnnxNode.Of(OpNames.Relu, ["s1"], ["a1"], "relu"),
            OnnxNode.Of(OpNames.MatMul, ["a1", "w2"], ["y"], "second")]);
        graph.Output.Add(new ValueInfoProto { Name = "y" });
        var model = QuantizableModel.Prepare(new OnnxModel(new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }, "m"));
        using var data = new ArrayDataset("x", [24], [.. Normal(64 * 24).Select(v => v + 1)]);
        var quantizer = new PostTrainingQuantizer(model, new Calibrator(model).Run(data), new WeightOptions { PerChannel = perChannel });
        using var set = new EvaluationSet(model.Float, data);
        var quantized = quantizer.Quantize(Policy.Uniform(2, new LayerBits(3, 8)));
        Assert.All(quantized.Layers, l => Assert.NotNull(l.Bias?.Integers));
        var evaluator = new MeasuredEvaluator(quantizer, set);
        var expected = evaluator.Samples(quantized, CancellationToken.None);
        var exported = QdqExporter.Export(quantized);
        using var session = new OrtSession(exported, ExactSessions.Settings);
        Assert.Equal(expected, set.Run(session, CancellationToken.None));

        // Nearest rounding with and without: what remains is the same but for the mean.
        double Loss(bool correct) => new MeasuredEvaluator(new PostTrainingQuantizer(model, quantizer.Calibration,
            new WeightOptions { PerChannel = perChannel, SecondOrder = false, CorrectBias = correct }), set)
            .Evaluate(Policy.Uniform(2, new LayerBits(3, 8)), CancellationToken.None).Loss;
        Assert.True(Loss(true) < Loss(false), $"{Loss(true)} with correction, {Loss(false)} without");
    }

    [Fact]
    public void Types_names_and_metadata_are_as_documented_and_bytes_repeat()
    {
        var quantizer = MeasuredEvaluatorTests.Sample();
        var policy = Policy.Uniform(28, new LayerBits(8, 8)).With(3, new LayerBits(4, 4)).With(4, new LayerBits(3, 5)).With(5, new LayerBits(8, 3));
        var model = QdqExporter.Export(quantizer.Quantize(policy));
        Assert.Equal(model.ToBytes(), QdqExporter.Export(quantizer.Quantize(policy)).ToBytes());
        Assert.Equal(21, model.OpsetOf());
        Assert.Equal("image", model.Graph.Input.Single().Name);
        Assert.Equal("logits", model.Graph.Output.Single().Name);
        Assert.Equal(policy.Digest, model.Proto.MetadataProps.Single(p => p.Key == PolicyMetadata.DigestKey).Value);
        string[] lines = model.Proto.MetadataProps.Single(p => p.Key == PolicyMetadata.LayersKey).Value.TrimEnd('\n').Split('\n');
        Assert.Equal(28, lines.Length);
        Assert.StartsWith($"{quantizer.Model.Layers[3].Name}\t4\t4\t", lines[3]);

        var view = new GraphView(model);
        int[] types = [.. Enumerable.Range(3, 3).Select(i => (int)WeightType(view, quantizer.Model.Layers[i].Name))];
        Assert.Equal([(int)DataType.Int4, (int)DataType.Int4, (int)DataType.Int8], types);
        Assert.Equal((DataType.Uint8, true), ActivationType(view, quantizer.Model.Layers[3].Name));
        Assert.Equal((DataType.Uint8, true), ActivationType(view, quantizer.Model.Layers[4].Name));
        Assert.Equal((DataType.Uint8, true), ActivationType(view, quantizer.Model.Layers[5].Name));
        Assert.Equal((DataType.Uint8, false), ActivationType(view, quantizer.Model.Layers[6].Name));
        Assert.DoesNotContain(model.Graph.Initializer, t => TensorData.TypeOf(t) == DataType.Float && TensorData.Count(t) > 1000);
    }

    private static DataType WeightType(GraphView view, string layer)
    {
        var node = view.Order.Single(n => n.Name == layer);
        return TensorData.TypeOf(view.ConstantOf(view.ProducerOf(node.Input[1])!.Input[0])!);
    }

    /// <summary>The type, and whether the tensor is kept by a Clip that is narrower than the network's own at 6.</summary>
    private static (DataType Type, bool Clips) ActivationType(GraphView view, string layer)
    {
        var quantize = view.ProducerOf(view.ProducerOf(view.Order.Single(n => n.Name == layer).Input[0])!.Input[0])!;
        var source = view.ProducerOf(quantize.Input[0])!;
        Assert.Equal(OpNames.Clip, source.OpType);
        return (TensorData.TypeOf(view.ConstantOf(quantize.Input[2])!), source.Input[2].EndsWith(".high", StringComparison.Ordinal));
    }
}
