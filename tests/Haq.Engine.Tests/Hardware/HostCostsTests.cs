using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Search;
using Haq.Engine.Search.Knapsack;
using Haq.Engine.Tests.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Hardware;

/// <summary>What is left to the host, by hand: its time, a transfer at every border, and searches that make one island of two.</summary>
public sealed class HostCostsTests
{
    private const string Npu = """
        kind: systolic
        clock_mhz: 1000
        dataflow: os
        rows: 8
        cols: 8
        sram: {weights: 65536, inputs: 65536, outputs: 65536}
        dram_bits_per_cycle: 64
        host: {gmacs_per_second: 0.05, gelements_per_second: 1, transfer_gb_per_second: 1, transfer_us: 10}
        provenance: test
        """;

    // Six convolutions 1x1 over 4 channels of 8x8: 1024 multiply-accumulates each, 256 numbers between them.
    private const double OnHost = 1024 / 0.05e9, Moved = 10e-6 + 256 * 4e-9, Softmax = 512e-9;

    private static readonly LayerBits s_eight = new(8, 8);

    private static HardwareTarget Target(string text = Npu) => HardwareReader.Read("npu.yaml", text, null);

    private static (CostTable Costs, IReadOnlyList<QuantizableLayer> Layers, HostBorders Borders) Chain(string? profile, string? middle)
    {
        var nodes = new List<NodeProto>();
        var weights = new List<TensorProto>();
        string read = "x";
        for (int i = 0; i < 6; i++)
        {
            weights.Add(TensorData.Of($"w{i}", [4, 4, 1, 1], Enumerable.Range(0, 16).Select(v => v / 16f).ToArray()));
            nodes.Add(OnnxNode.Of(OpNames.Conv, [read, $"w{i}"], [$"c{i}"], $"conv{i}"));
            nodes.Add(OnnxNode.Of(OpNames.Relu, [$"c{i}"], [$"r{i}"], $"relu{i}"));
            read = $"r{i}";
            if (i != 2 || middle is null) continue;
            nodes.Add(OnnxNode.Of(middle, [read], ["m"], "middle"));
            read = "m";
        }
        var model = TinyModel.Of(13, ("x", [1, 4, 8, 8]), weights, [.. nodes]);
        var view = new GraphView(model);
        var shapes = ShapeInference.Infer(view);
        var survey = LayerFinder.Find(view, shapes);
        var borders = HostIslands.Of(view, shapes, survey.Layers, profile is null ? null : DialectCatalog.Load(profile, "."));
        return (CostTable.Build(Target(), survey.Quantizable, 0, borders: borders), survey.Quantizable, borders);
    }

    private static double Seconds(CostTable costs, params int[] onHost)
    {
        var policy = Policy.Uniform(costs.Layers, s_eight);
        foreach (int layer in onHost) policy = policy.With(layer, LayerBits.Float);
        double whole = costs.PriceWhole(policy).LatencySeconds;
        Assert.Equal(costs.Price(policy).LatencySeconds, whole, 1e-15);
        Assert.Equal(costs.LayerCosts(policy).Sum(c => c.Seconds), whole, 1e-15);
        return whole;
    }

    [Fact]
    public void A_layer_in_floating_point_takes_the_host_s_time_and_both_transfers()
    {
        var (costs, _, _) = Chain(null, null);
        double all = Seconds(costs);
        Assert.Equal(all - costs[2, s_eight].Seconds + OnHost + 2 * Moved, Seconds(costs, 2), 1e-12);
        // Neighbours make one island.
        Assert.Equal(all - costs[2, s_eight].Seconds - costs[3, s_eight].Seconds + 2 * OnHost + 2 * Moved, Seconds(costs, 2, 3), 1e-12);
        // The network's input and output are at the host in any case.
        Assert.Equal(all - costs[0, s_eight].Seconds + OnHost + Moved, Seconds(costs, 0), 1e-12);
    }

    [Fact]
    public void What_the_toolchain_does_not_take_is_priced_where_it_stands()
    {
        var (costs, _, borders) = Chain("st-neural-art", OpNames.Softmax);
        Assert.Equal(["middle"], borders.Nodes);
        double without = Seconds(Chain("st-neural-art", null).Costs), with = Seconds(costs);
        Assert.Equal(without + Softmax + 2 * Moved, with, 1e-12);
        // The layer before it on the host, too: one transfer in front of both instead of one between them.
        Assert.Equal(with - costs[2, s_eight].Seconds + Softmax + Moved + OnHost, Seconds(costs, 2), 1e-12);
        Assert.Empty(Chain("qnn", OpNames.Softmax).Borders.Nodes);
        Assert.Equal(["middle"], Chain("qnn", "Hardmax").Borders.Nodes);
    }

    [Fact]
    public void A_search_makes_one_island_of_two()
    {
        var (costs, layers, _) = Chain(null, null);
        var space = new SearchSpaceBuilder(layers, pair => pair == s_eight || pair == LayerBits.Float)
        {
            Weights = [Bitwidth.Eight, Bitwidth.Float],
            Activations = [Bitwidth.Eight, Bitwidth.Float],
        }.Build();
        // Layers 1 and 3 want to be exact, 2 hardly, 4 a little more than 2: without transfers the choice would be 1, 3, 4.
        double Damage(int layer, LayerBits bits) => bits.Activations.IsFloat ? 0 : layer switch { 1 or 3 => 10, 2 => 1, 4 => 2, _ => 0 };
        var budget = new Budget(Seconds(costs, 1, 2, 3) * (1 + 1e-9), null, null);
        var solved = new PolicyKnapsack(space, costs, budget, Damage).Solve()!;
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 6).Where(i => solved.Policy[i].Activations.IsFloat));
        Assert.True(Seconds(costs, 1, 3, 4) > Seconds(costs, 1, 2, 3));
        string atOnce = Npu.Replace("transfer_us: 10", "transfer_us: 0", StringComparison.Ordinal)
            .Replace("transfer_gb_per_second: 1", "transfer_gb_per_second: 1000000", StringComparison.Ordinal);
        var free = CostTable.Build(Target(atOnce), layers, 0);
        var unpriced = new PolicyKnapsack(space, free, new Budget(Seconds(free, 1, 3, 4) * (1 + 1e-9), null, null), Damage).Solve()!;
        Assert.Equal([1, 3, 4], Enumerable.Range(0, 6).Where(i => unpriced.Policy[i].Activations.IsFloat));
    }

    [Theory]
    [InlineData("dataflow: os", "dataflow: os\nbits: {pairs: [w8a8, w32a32]}", 9, 7, "HAQ0004", "'bits' says that the target computes them itself")]
    [InlineData("transfer_us: 10", "transfer_us: 10, operation_pj: 4", 8, 7, "HAQ0003", "no energy model")]
    [InlineData("provenance: test", "energy: {mac_pj: 1, sram_pj_per_bit: 1, dram_pj_per_bit: 1, leakage_mw: 0, source: test}\nprovenance: test", 8, 7, "HAQ0003", "'operation_pj'")]
    [InlineData("gmacs_per_second: 0.05", "gmacs_per_second: 0", 8, 26, "HAQ0004", "gmacs_per_second")]
    [InlineData("transfer_us: 10", "transfer_ms: 10", 8, 84, "HAQ0002", "Did you mean 'transfer_us'?")]
    public void What_makes_no_sense_is_told_where_it_stands(string what, string by, int line, int column, string code, string says)
    {
        string text = Npu.Replace(what, by, StringComparison.Ordinal);
        Assert.NotEqual(Npu, text);
        var error = Assert.Throws<HaqException>(() => Target(text)).Diagnostic;
        Assert.Equal((code, new SourceLocation("npu.yaml", line, column)), (error.Descriptor.Code, error.Location!));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Energy_counts_what_the_host_and_the_transfers_spend()
    {
        string text = Npu.Replace("transfer_us: 10", "transfer_us: 10, operation_pj: 4, transfer_pj_per_bit: 2", StringComparison.Ordinal)
            .Replace("provenance", "energy: {mac_pj: 1, sram_pj_per_bit: 1, dram_pj_per_bit: 1, leakage_mw: 0, source: test}\nprovenance", StringComparison.Ordinal);
        var layer = new QuantizableLayer(0, "a", LayerShape.Conv2D(4, 4, 1, 1, 8, 8), 0);
        var borders = new HostBorders([], [new HostBorders.Between(0, 1, 256)], []);
        var costs = CostTable.Build(Target(text), [layer, layer with { Index = 1, ActivationGroup = 1 }], 0, borders: borders);
        Assert.Equal(1024 * 4, costs[1, LayerBits.Float].Energy!.Value.Total);
        double both = costs[0, s_eight].Energy!.Value.Total + 1024 * 4 + 256 * 32 * 2;
        Assert.Equal(both * 1e-12, costs.Price(Policy.Uniform(2, s_eight).With(1, LayerBits.Float)).EnergyJoules!.Value, 1e-15);
    }
}
