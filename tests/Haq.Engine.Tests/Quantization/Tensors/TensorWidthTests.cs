using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Compiled;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;

namespace Haq.Engine.Tests.Quantization.Tensors;

/// <summary>What a policy says of tensors between layers is what the exported file holds and what is evaluated.</summary>
public sealed class TensorWidthTests
{
    [Theory]
    [InlineData(-10_000f)]
    [InlineData(float.MinValue)]
    [InlineData(float.NegativeInfinity)]
    public void A_mask_reaches_no_lower_than_makes_a_difference(float mask)
    {
        // 0 · −∞ is not a number: exporters that mask with it pick values in place of multiplying.
        if (float.IsInfinity(mask)) mask = -3.0e38f;
        var quantizer = AttentionNetwork.Quantizer(mask);
        var quantized = quantizer.Quantize(Widths(quantizer.Model, _ => 8));
        var masked = quantized.Junctions.Single(j => j.Junction.Tensor == "masked").Quantizer;
        Assert.InRange(masked.Lowest, -60, -20);
        Assert.InRange(masked.Scale, 0.05, 0.3);
        Assert.InRange(Cosine(quantizer, quantized), 0.97, 1);
        Assert.InRange(Cosine(quantizer, quantizer.Quantize(Widths(quantizer.Model, _ => 16))), 0.999, 1);
    }

    [Fact]
    public void Widths_in_the_file_are_those_of_the_policy_counted_by_another_reader()
    {
        var quantizer = AttentionNetwork.Quantizer();
        var model = quantizer.Model;
        string[] wide = ["masked", "stream", "normal", "y"];
        var policy = Widths(model, name => wide.Contains(name) ? 16 : name == "shares" ? 32 : 8);
        using var folder = new TemporaryFolder();
        QdqExporter.Export(quantizer.Quantize(policy)).Save(folder["a.onnx"]);
        var counted = ExportedWidths.Of(folder["a.onnx"]);
        foreach (var tensor in model.Tensors)
        {
            string name = tensor.Junction.Tensor;
            // The file gives an output its name behind the pair.
            int found = counted.Quantized.GetValueOrDefault(tensor.Junction.IsOutput ? $"{name}_quantization.real" : name, 32);
            Assert.Equal((name, wide.Contains(name) ? 16 : name == "shares" ? 32 : 8), (name, found));
        }
        Assert.Equal((8, 16), counted.LayersByNode["up.MatMul"]);
        Assert.Equal((8, 8), counted.LayersByNode["down.MatMul"]);
    }

    [Fact]
    public void Where_widths_meet_the_narrower_one_is_widened_and_no_bit_changes()
    {
        var quantizer = AttentionNetwork.Quantizer();
        var quantized = quantizer.Quantize(Widths(quantizer.Model, name => name is "masked" or "scores" ? 16 : 8));
        var exported = QdqExporter.Export(quantized);
        var makers = exported.Graph.Node.SelectMany(n => n.Output.Select(o => (o, n))).ToDictionary(p => p.o, p => p.n);
        var types = exported.Graph.Initializer.ToDictionary(t => t.Name, t => t.DataType);
        var join = exported.Graph.Node.Single(n => n.Name == "masked.Add");
        Assert.All(join.Input, i => Assert.Equal((int)DataType.Uint16, types[makers[i].Input[2]]));
        var widened = exported.Graph.Node.Single(n => n.OpType == "QuantizeLinear" && n.Name.Contains("widened", StringComparison.Ordinal));
        Assert.Equal("DequantizeLinear", makers[widened.Input[0]].OpType);

        using var data = AttentionNetwork.Data(12, seed: 9);
        using var set = new EvaluationSet(quantizer.Model.Float, data, new EvaluationOptions { Batch = 4 });
        using var plain = new PolicyNetworks(quantizer.Model.Float, set.Outputs, new PrefixStore(0, 3)).Plain(quantized);
        Assert.Equal(set.Summarize(set.Run(plain.Run, CancellationToken.None)), set.Score(exported, ExactSessions.Settings));
    }

    [Fact]
    public void The_compiled_the_plain_and_the_exported_network_give_the_same_bits_at_mixed_widths()
    {
        var quantizer = AttentionNetwork.Quantizer();
        using var data = AttentionNetwork.Data(12, seed: 9);
        using var set = new EvaluationSet(quantizer.Model.Float, data, new EvaluationOptions { Batch = 4 });
        var networks = new PolicyNetworks(quantizer.Model.Float, set.Outputs, new PrefixStore(0, 3));
        foreach (string wide in (string[])["masked", "stream", "y", "none"])
        {
            var quantized = quantizer.Quantize(Widths(quantizer.Model, name => name == wide ? 16 : 8));
            SampleScore[] plain, compiled;
            using (var network = networks.Plain(quantized)) plain = set.Run(network.Run, CancellationToken.None);
            using (var network = set.Open(quantized, reuse: true)) compiled = set.Run(network.Run, CancellationToken.None);
            Assert.Equal(plain, compiled);
            Assert.Equal(set.Summarize(plain), set.Score(QdqExporter.Export(quantized), ExactSessions.Settings));
        }
    }

    internal static Policy Widths(QuantizableModel model, Func<string, int> activations)
    {
        var items = model.Items;
        // Members of a group agree: a layer has the width of the tensor that it reads.
        return new Policy([.. items.Select(i => new LayerBits(8, activations(i.Shape.IsTensor ? i.Name : model.Layers[i.Index].Input)))]);
    }

    private static double Cosine(PostTrainingQuantizer quantizer, QuantizedModel quantized)
    {
        using var data = AttentionNetwork.Data(24, seed: 77);
        using var set = new EvaluationSet(quantizer.Model.Float, data);
        return set.Score(QdqExporter.Export(quantized), ExactSessions.Settings).Cosine!.Value;
    }
}
