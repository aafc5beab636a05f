using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Search;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Tests.Search.Knapsack;

/// <summary>Outputs that several layers read are written in the width that is asked for: the knapsack's optimum is that of trying every policy.</summary>
public sealed class KnapsackWithReadersTests
{
    private const string Npu = """
        kind: systolic
        clock_mhz: 1000
        tensors: integer
        dataflow: os
        rows: 8
        cols: 8
        bits: {weights: [4, 8], activations: [8, 16]}
        sram: {weights: 4096, inputs: 4096, outputs: 4096}
        dram_bits_per_cycle: 4
        provenance: test
        """;

    // Who reads whose output: one by three, two readers of two outputs, and a chain.
    private static readonly int[][] s_readers = [[1, 2, 3], [4], [4, 5], [5], [6], [6], []];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_optimum_is_that_of_all_policies(ulong seed)
    {
        var random = new SeededRandom(seed);
        QuantizableLayer[] layers = [.. s_readers.Select((readers, i) => new QuantizableLayer(i, $"layer{i}", LayerShape.Conv2D(4 * (1 + random.Next(6)), 4 * (1 + random.Next(6)), 3, 1, 12, 12), i)
        {
            Consumers = [.. readers],
        })];
        var costs = CostTable.Build(HardwareReader.Read("npu.yaml", Npu, null), layers, fixedBits: 0);
        Assert.True(costs.Edges!.Count >= 8, $"{costs.Edges.Count}");
        var space = new SearchSpaceBuilder(layers, _ => true) { Weights = [new Bitwidth(4), Bitwidth.Eight], Activations = [Bitwidth.Eight, Bitwidth.Sixteen] }.Build();
        double[] damages = [.. layers.Select(_ => Math.Exp(1.5 * random.NextNormal()))];
        double Damage(int layer, LayerBits bits) => damages[layer] * ((bits.Activations > 8 ? 0.013 : 1) + (bits.Weights < 8 ? 0.37 : 0.011));
        var all = Every(space).Select(policy => (costs.Price(policy).LatencySeconds, Damage: Enumerable.Range(0, policy.Count).Sum(i => Damage(i, policy[i])))).ToArray();
        double least = all.Min(p => p.LatencySeconds), most = all.Max(p => p.LatencySeconds);
        foreach (double share in new[] { 0.1, 0.3, 0.5, 0.8 })
        {
            var budget = new Budget(least + share * (most - least), null, null);
            double optimum = all.Where(p => p.LatencySeconds <= budget.LatencySeconds).Min(p => p.Damage);
            var solution = new PolicyKnapsack(space, costs, budget, Damage).Solve()!;
            Assert.True(budget.Admits(costs.Price(solution.Policy)));
            Assert.InRange(optimum, solution.Bound - 1e-9, solution.Damage + 1e-9);
            if (solution.RelativeGap == 0) Assert.Equal(optimum, solution.Damage, 1e-9);
            // Two cycles of readers are cut by trying the widths of a group each.
            Assert.Equal(0, solution.RelativeGap);
        }
    }

    private static IEnumerable<Policy> Every(SearchSpace space)
    {
        int[] counts = [.. space.Choices.Select(c => c.Length)];
        for (int code = 0, total = counts.Aggregate(1, (a, b) => a * b); code < total; code++)
        {
            int rest = code;
            yield return new Policy([.. space.Choices.Select((choices, i) =>
            {
                var bits = choices[rest % counts[i]];
                rest /= counts[i];
                return bits;
            })]);
        }
    }
}
