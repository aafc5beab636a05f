using Haq.Engine.Evaluation.Timing;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Quantization.Regions;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Quantization.Export;

namespace Haq.Engine.Tests.Quantization.Regions;

/// <summary>Regions of a small residual network in stock ONNX Runtime: what is planned in integers is fused, what is planned in float is not touched.</summary>
public sealed class RegionNetworksTests
{
    private static readonly QuantizableModel s_model = QuantizableModel.Prepare(SmallNetworks.Residual(), new PreparationOptions { Regions = true });

    private static readonly RegionQuantizer s_quantizer = Quantizer();

    [Fact]
    public void Layers_take_their_activation_in_and_operators_between_them_are_units()
    {
        var map = s_model.Regions!;
        Assert.Equal(["stem", "left", "Add_c0", "right", "join", "GlobalAveragePool_f", "Flatten_g", "head"], map.Units.Select(u => u.Name));
        Assert.Equal(["stem", "Relu_a"], map.Units[0].Nodes);
        Assert.Equal(["Add_c0", "Relu_c"], map.Units[2].Nodes);
        Assert.True(map.Units[^1].GivesReals);
        var sum = map.Tensors.Single(t => t.Name == "c");
        Assert.Equal((2, 2), (sum.Producer, sum.Consumers.Length));
        Assert.True(map.Tensors.Single(t => t.Name == "y").OtherReaders.IsEmpty);
    }

    [Fact]
    public void Everything_in_integers_leaves_one_border_at_either_end()
    {
        var profile = Profile(s_model.Regions!.AllInteger);
        Assert.Equal(3, profile.Graph.Node.Count(n => n.OpType == "QLinearConv"));
        Assert.Contains(profile.Graph.Node, n => n.OpType == "QLinearAdd");
        Assert.Contains(profile.Graph.Node, n => n.OpType == "QLinearConcat");
        Assert.Contains(profile.Graph.Node, n => n.OpType == "QGemm");
        Assert.Single(profile.Graph.Node, n => n.OpType == "QuantizeLinear");
    }

    [Fact]
    public void A_layer_planned_in_float_is_computed_in_float()
    {
        var map = s_model.Regions!;
        var profile = Profile(map.AllInteger.With(0, UnitForm.Float));
        Assert.Equal(2, profile.Graph.Node.Count(n => n.OpType == "QLinearConv"));
        // What it makes is read as integers, and nothing turns its input into any.
        var times = TimeAttribution.Of(s_model.View, profile);
        // ONNX Runtime lets the quantization do what the Relu before it did.
        Assert.Contains(times.Quantizing.Keys, tensor => tensor == "a" || map.Units[0].Inner.Contains(tensor));
        Assert.DoesNotContain("x", times.Quantizing.Keys);
    }

    [Fact]
    public void Every_node_that_ran_is_somebodys()
    {
        foreach (var plan in new[] { s_model.Regions!.AllFloat, s_model.Regions.AllInteger, s_model.Regions.AllInteger.With(2, UnitForm.Float) })
        {
            var profile = Profile(plan);
            var times = TimeAttribution.Of(s_model.View, profile);
            Assert.Equal(profile.Seconds, times.Total, 9);
            Assert.True(times.Other <= 0.02 * times.Total, $"{times.Other / times.Total:P1} of {plan} is nobody's");
            foreach (var unit in s_model.Regions.Units.Where(u => u.Layer is not null)) Assert.True(unit.Nodes.Any(times.Nodes.ContainsKey), $"nothing is charged to {unit.Name} in {plan}");
        }
    }

    [Fact]
    public void Whatever_is_in_integers_no_weight_is_dequantized_in_a_run()
    {
        var map = s_model.Regions!;
        foreach (var plan in Enumerable.Range(0, map.Units.Length).SelectMany(u => new[] { map.AllInteger.With(u, UnitForm.Float), map.AllFloat.With(u, UnitForm.Integers) }).Append(map.AllInteger))
        {
            var graph = OptimizedGraph.Of(QdqExporter.Export(s_quantizer.Quantize(plan), forProcessor: true));
            var constants = graph.Initializer.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
            Assert.DoesNotContain(graph.Node, n => n.OpType == "DequantizeLinear" && constants.Contains(n.Input[0]));
            // Layers in float keep float weights, also between integer neighbours: of the four, as many integer kernels as the plan has integer layers.
            int layers = map.Units.Select((unit, u) => unit.Layer is not null && plan.IsInteger(u) ? 1 : 0).Sum();
            Assert.Equal(layers, graph.Node.Count(n => n.OpType is "QLinearConv" or "QGemm"));
        }
    }

    [Fact]
    public void Where_a_tensor_is_unknown_its_units_stay_in_float()
    {
        var map = s_model.Regions!.Within(tensor => tensor != "b");
        Assert.False(map.Units[1].CanBeInteger);
        Assert.False(map.Units[2].CanBeInteger);
        Assert.True(map.Units[3].CanBeInteger);
    }

    private static NodeProfile Profile(RegionPlan plan)
    {
        using var session = new ProfiledSession(QdqExporter.Export(s_quantizer.Quantize(plan)), new SessionSettings { Threads = 1 });
        using var input = OrtTensor.Of<float>([.. Enumerable.Range(0, 192).Select(i => MathF.Sin(i))], 1, 3, 8, 8);
        for (int run = 0; run < 6; run++) session.Run(new Dictionary<string, OrtTensor> { ["x"] = input }, warmUp: run < 2);
        var profile = session.Finish();
        Assert.Empty(profile.Missing);
        return profile;
    }

    private static RegionQuantizer Quantizer()
    {
        var random = new SeededRandom(9);
        using var data = new ArrayDataset("x", [3, 8, 8], [.. Enumerable.Range(0, 32 * 192).Select(_ => (float)random.NextNormal())]);
        var quantizer = new PostTrainingQuantizer(s_model, new Calibrator(s_model).Run(data));
        return new RegionQuantizer(quantizer, s_model.Regions!, [.. s_model.Layers.Select(_ => new LayerBits(8, 8))]);
    }
}
