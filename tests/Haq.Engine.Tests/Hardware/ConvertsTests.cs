using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Search;
using Haq.Engine.Search.Knapsack;
using Haq.Engine.Tests.Quantization.Export;

namespace Haq.Engine.Tests.Hardware;

/// <summary>Costs of changing a tensor's width, by hand, and what searches make of costs between choices.</summary>
public sealed class ConvertsTests
{
    private const string Npu = """
        kind: systolic
        clock_mhz: 1000
        tensors: integer
        dataflow: os
        rows: 8
        cols: 8
        bits: {weights: [8], activations: [8, 16]}
        sram: {weights: 65536, inputs: 65536, outputs: 65536}
        dram_bits_per_cycle: 64
        convert: {elements_per_cycle: 1}
        provenance: test
        """;

    private readonly QuantizableModel _model = QuantizableModel.Prepare(SmallNetworks.Residual(), new PreparationOptions { Between = BetweenLayers.Tensors });

    [Fact]
    public void A_change_of_width_costs_a_pass_over_the_tensor_and_agreement_costs_none()
    {
        var costs = Costs();
        var eight = Policy.Uniform(_model.Items.Length, LayerBits.Uniform(Bitwidth.Eight));
        int b = Index("b"), c = Index("c");
        // b + a becomes c: 8x8x8 numbers of b are read in 16 bits and written in 8, one a cycle, which is longer than their 24 bits take.
        var mixed = eight.With(b, new LayerBits(8, 16));
        long entry = costs[b, new LayerBits(8, 16)].Cycles - costs[b, LayerBits.Uniform(Bitwidth.Eight)].Cycles;
        Assert.Equal(costs.Price(eight).Cycles + entry + 512, costs.Price(mixed).Cycles);
        Assert.Equal(512, costs.CostIn(mixed, c).Cycles - costs[c, mixed[c]].Cycles);
        Assert.Equal(costs.LayerCosts(mixed).Sum(l => l.Cycles), costs.PriceWhole(mixed).Cycles);
        // The two passes of b (the layer writes it, the sum reads it) move twice the bits: 512 numbers, 8 bits more, over 64 bits a cycle.
        Assert.Equal(512 * 8 / 64, entry);
    }

    [Fact]
    public void The_knapsack_stays_within_a_budget_that_counts_them_and_is_as_good_as_trying_all()
    {
        var costs = Costs();
        var space = new SearchSpaceBuilder(_model.Items, pair => pair.Weights == 8 && pair.Activations <= 16)
        {
            Weights = [Bitwidth.Eight], Activations = [Bitwidth.Eight, Bitwidth.Sixteen], SupportsTensor = _ => true,
        }.Build();
        double Damage(int layer, LayerBits bits) => bits.Activations > 8 ? 0 : 1 + (layer * 7 % 5);
        double eight = costs.Price(space.Uniform(LayerBits.Uniform(Bitwidth.Eight))).LatencySeconds, wide = costs.Price(space.Widest).LatencySeconds;
        var all = All(space).ToArray();
        foreach (double share in (double[])[0, 0.2, 0.5, 0.8, 1])
        {
            var budget = new Budget(LatencySeconds: (eight + (wide - eight) * share) * (1 + 1e-9), null, null);
            var solved = new PolicyKnapsack(space, costs, budget, Damage).Solve()!;
            Assert.True(budget.Admits(costs.Price(solved.Policy)));
            double best = all.Where(p => budget.Admits(costs.Price(p))).Min(p => Enumerable.Range(0, p.Count).Sum(i => Damage(i, p[i])));
            Assert.Equal(best, solved.Damage, 1e-9);
            Assert.Equal(0, solved.RelativeGap);
        }
    }

    private CostTable Costs() => CostTable.Build(HardwareReader.Read("npu.yaml", Npu, null), _model.Items, fixedBits: 0);

    private int Index(string name) => _model.Items.Single(i => i.Name == name).Index;

    private static IEnumerable<Policy> All(SearchSpace space)
    {
        for (int choice = 0; choice < 1 << space.Groups.Length; choice++)
        {
            var bits = new LayerBits[space.Layers];
            for (int g = 0; g < space.Groups.Length; g++)
            {
                var widths = space.ActivationsOf(space.Groups[g][0]);
                foreach (int member in space.Groups[g]) bits[member] = new LayerBits(Bitwidth.Eight, widths[Math.Min(widths.Length - 1, choice >> g & 1)]);
            }
            yield return new Policy([.. bits]);
        }
    }
}
