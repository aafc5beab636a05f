using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Search;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Tests.Search.Knapsack;

/// <summary>Hardware whose outputs cost what their readers' width says, while sums over layers count them at 8 bits.</summary>
public sealed class LooseLimitsTests
{
    private const int Layers = 6;

    private const string Npu = """
        kind: systolic
        clock_mhz: 1000
        dataflow: os
        rows: 32
        cols: 32
        bits: {weights: [4, 8], activations: [2, 4, 8]}
        sram: {weights: 4096, inputs: 4096, outputs: 4096}
        dram_bits_per_cycle: 16
        energy: {mac_pj: 0.3, sram_pj_per_bit: 1, dram_pj_per_bit: 20, leakage_mw: 0, source: test}
        provenance: test
        """;

    private static readonly LayerBits[] s_choices = [.. from w in (int[])[4, 8] from a in (int[])[2, 4, 8] select new LayerBits(w, a)];

    /// <summary>Against all 1,296 policies of six layers in a chain, the first and the last at 8 bits, at several budgets and damages.</summary>
    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    public void The_knapsack_fills_the_budget_that_policies_take(ulong seed)
    {
        QuantizableLayer[] layers =
        [
            .. Enumerable.Range(0, Layers).Select(i => new QuantizableLayer(i, $"l{i}", LayerShape.Conv2D(16, 16, 1, 1, 32, 32), i) { Consumers = i < Layers - 1 ? [i + 1] : [] }),
        ];
        var costs = CostTable.Build(HardwareReader.Read("npu.yaml", Npu, null), layers, fixedBits: 0);
        var space = new SearchSpaceBuilder(layers, costs.Holds) { Weights = [new Bitwidth(4), new Bitwidth(8)], Activations = [new Bitwidth(2), new Bitwidth(4), new Bitwidth(8)] }.Build();
        var random = new SeededRandom(seed);
        var damages = s_choices.ToDictionary(c => c, c => layers.Select(_ => (0.5 + random.NextDouble()) * (Math.Pow(4, -c.Weights.Bits) * 64 + Math.Pow(4, -c.Activations.Bits) * 16)).ToArray());
        double Damage(int layer, LayerBits bits) => damages[bits][layer];
        var eight = new LayerBits(8, 8);
        Policy[] all = [.. from a in s_choices from b in s_choices from c in s_choices from d in s_choices select new Policy([eight, a, b, c, d, eight])];
        double most = costs.PriceWhole(Policy.Uniform(Layers, eight)).EnergyJoules!.Value;
        Assert.All(all, p => Assert.True(space.Contains(p)));
        double gained = 0;
        foreach (double share in (double[])[0.55, 0.6, 0.65, 0.7, 0.8, 0.9])
        {
            var budget = new Budget(EnergyJoules: share * most);
            double best = all.Where(p => budget.Admits(costs.PriceWhole(p))).Min(DamageOf);
            // What sums over the layers allow.
            double bounded = all.Where(p => budget.Admits(costs.Price(p))).Select(DamageOf).DefaultIfEmpty(double.PositiveInfinity).Min();
            var found = new PolicyKnapsack(space, costs, budget, Damage).Solve()!;
            Assert.True(budget.Admits(costs.PriceWhole(found.Policy)));
            Assert.Equal(DamageOf(found.Policy), found.Damage, 1e-9);
            Assert.InRange(found.Bound, 0, best * (1 + 1e-9));
            Assert.InRange(found.Damage, best * (1 - 1e-9), bounded * (1 + 1e-9));
            gained += Math.Log(bounded / found.Damage);
            // Nothing is left that one change could spend.
            var near = all.Where(p => Enumerable.Range(0, Layers).Count(i => p[i] != found.Policy[i]) == 1 && budget.Admits(costs.PriceWhole(p)));
            Assert.All(near, p => Assert.True(DamageOf(p) >= found.Damage * (1 - 1e-9)));
        }
        Assert.True(gained > 0.2, $"gained {gained}");

        double DamageOf(Policy policy) => Enumerable.Range(0, Layers).Sum(i => Damage(i, policy[i]));
    }

    [Fact]
    public void Limits_that_nothing_keeps_are_loosened_until_something_keeps_the_budget()
    {
        // Items are priced at three times what they take: within the limits there is nothing, within three times as much there is.
        var policy = Policy.Uniform(1, new LayerBits(4, 4));
        var wide = Policy.Uniform(1, new LayerBits(8, 8));
        KnapsackSolution? Within(double factor) => factor >= 6 ? new KnapsackSolution(wide, 1, 1) : factor >= 2.4 ? new KnapsackSolution(policy, 2, 2) : null;
        var found = LooseLimits.Solve(Within, p => p == policy, p => p == policy ? 0.8 : 2);
        Assert.Equal((policy, 2, 1), (found!.Policy, found.Damage, found.Bound));
        Assert.Null(LooseLimits.Solve(_ => null, _ => true, _ => 1));
    }
}
