using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Evaluation;

namespace Haq.Engine.Tests.Quantization.Export;

public sealed class QdqExporterTests(ITestOutputHelper output)
{
    public static TheoryData<string> Policies => ["8", "4", "w4a8", "w2a3", "w1a8", "w8a16", "w16a8", "w32a8", "w8a32", "mixed"];

    private static QuantizedModel Quantized(PostTrainingQuantizer quantizer, string policy) => quantizer.Quantize(
        LayerBits.TryParse(policy, out var bits) ? Policy.Uniform(quantizer.Model.Layers.Length, bits) : MeasuredEvaluatorTests.Mixed(quantizer, policy, 2, 3, 4, 5, 6, 7, 8));

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
            using var session = new OrtSession(exported, EvaluationSet.Exact);
            Assert.Equal(expected, set.Run(session, CancellationToken.None));
            // A user's session turns 8-bit layers into integer kernels, which round sums once instead of twice.
            var measured = evaluator.Evaluate(quantized, CancellationToken.None);
            var stock = set.Score(exported, SessionSettings.Default);
            output.WriteLine($"{name}: {measured.Loss} as written, {stock.Loss} in a stock session");
            // w32a8: it rounds float weights of its own accord.
            if (name is not "w32a8") Assert.Equal(measured.Loss, stock.Loss, Math.Max(1e-4, measured.Loss * 0.02));
        }
        finally
        {
            File.Delete(path);
        }
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
