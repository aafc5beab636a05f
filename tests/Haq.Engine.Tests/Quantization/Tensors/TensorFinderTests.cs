using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Tests.Quantization.Export;

namespace Haq.Engine.Tests.Quantization.Tensors;

public sealed class TensorFinderTests
{
    [Fact]
    public void Attention_has_a_width_wherever_integers_are_kept_and_none_inside_of_functions()
    {
        var model = QuantizableModel.Prepare(AttentionNetwork.Model(), new PreparationOptions { Between = BetweenLayers.Tensors });
        var found = model.Tensors.Select(t => t.Junction.Tensor).ToHashSet(StringComparer.Ordinal);
        // Products of activations, the sum of scores and mask, softmax, the residual stream, what follows the normalization, the output.
        Assert.Superset(new HashSet<string>(["query", "key_t", "scores", "mask", "masked", "shares", "value", "attended", "stream", "normal", "narrow", "y"]), found);
        // Inside of a normalization, a GELU and a scaling nothing is kept.
        Assert.Empty(found.Intersect(["mean", "centred", "squares", "variance", "safe", "deviation", "scaled", "erf", "raised", "doubled", "products", "wide", "signs", "kept", "dropped"]));
        Assert.True(model.Tensors.Single(t => t.Junction.Tensor == "y").Junction.IsOutput);
    }

    [Fact]
    public void A_tensor_that_layers_read_too_shares_their_width_and_names_are_unique()
    {
        var model = QuantizableModel.Prepare(AttentionNetwork.Model(), new PreparationOptions { Between = BetweenLayers.Tensors });
        var items = model.Items;
        Assert.Equal(items.Length, items.Select(i => i.Name).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, items.Length), items.Select(i => i.Index));
        var normal = items.Single(i => i.Name == "normal");
        Assert.Equal(items.Single(i => i.Name == "up.MatMul").ActivationGroup, normal.ActivationGroup);
        Assert.Equal(AttentionNetwork.Rows * AttentionNetwork.Width, normal.Shape.InputElements);
    }

    [Fact]
    public void A_sum_that_is_part_of_its_layer_leaves_one_tensor_fewer_and_one_pass_less()
    {
        var stored = QuantizableModel.Prepare(SmallNetworks.Residual(), new PreparationOptions { Between = BetweenLayers.Tensors });
        var fused = QuantizableModel.Prepare(SmallNetworks.Residual(), new PreparationOptions { Between = BetweenLayers.TensorsOfFusedSums });
        // c = relu(left(a) + a): what 'left' makes is in its accumulator. The residual a is stored and read as before.
        Assert.Equal(["a", "c", "d", "e", "y"], fused.Tensors.Select(t => t.Junction.Tensor).Order());
        int Passes(QuantizableModel model, string name) => model.Tensors.Single(t => t.Name == name).Passes;
        Assert.Equal(Passes(stored, "c") - 1, Passes(fused, "c"));
        Assert.Equal(Passes(stored, "a"), Passes(fused, "a"));
        using var data = new ArrayDataset("x", [3, 8, 8], AttentionNetwork.Samples(96, 7)[..(64 * 192)]);
        var quantized = new PostTrainingQuantizer(fused, new Haq.Engine.Quantization.Calibration.Calibrator(fused).Run(data)).Quantize(
            Haq.Engine.Layers.Policy.Uniform(fused.Items.Length, new Haq.Engine.Layers.LayerBits(8, 16)));
        var exported = Haq.Engine.Quantization.Export.QdqExporter.Export(quantized);
        var makers = exported.Graph.Node.SelectMany(n => n.Output.Select(o => (o, n))).ToDictionary(p => p.o, p => p.n);
        Assert.Equal(["Conv", "DequantizeLinear"], exported.Graph.Node.Single(n => n.OpType == "Add" && n.Output[0].StartsWith('c')).Input.Select(i => makers[i].OpType).Order());
    }

    [Fact]
    public void Residual_networks_have_sums_concatenations_and_averages_and_no_tensor_between_a_layer_and_its_activation()
    {
        var model = QuantizableModel.Prepare(SmallNetworks.Residual(), new PreparationOptions { Between = BetweenLayers.Tensors });
        Assert.Equal(["a", "b", "c", "d", "e", "y"], model.Tensors.Select(t => t.Junction.Tensor).Order());
        Assert.Empty(QuantizableModel.Prepare(SmallNetworks.Residual()).Tensors);
    }
}
