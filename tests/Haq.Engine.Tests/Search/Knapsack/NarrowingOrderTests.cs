using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Search;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Tests.Search.Knapsack;

/// <summary>Which tensors stay above 8 bits, as the limit of accuracy is swept.</summary>
public sealed class NarrowingOrderTests
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
        dram_bits_per_cycle: 8
        elementwise: {elements_per_cycle: 4}
        convert: {elements_per_cycle: 2}
        provenance: test
        """;

    [Theory]
    [InlineData(1, SearchObjective.Latency)]
    [InlineData(2, SearchObjective.Latency)]
    [InlineData(3, SearchObjective.Size)]
    public void A_looser_limit_keeps_a_subset_of_the_wide_tensors_of_a_tighter_one(ulong seed, SearchObjective objective)
    {
        var network = new Network(seed);
        var wide = new List<HashSet<int>>();
        foreach (double drop in new[] { 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 8, 12 })
        {
            var best = network.Search("auto", drop, objective);
            Assert.True(100 * (1 - network.LossOf(best)) >= 100 - drop, $"{drop}: {network.LossOf(best)}");
            var now = network.Wide(best);
            if (wide.Count > 0) Assert.Subset(wide[^1], now);
            wide.Add(now);
        }
        Assert.True(wide[^1].Count < wide[0].Count / 3, $"{wide[0].Count} {wide[^1].Count}");
    }

    // A hundred tensors alike, each with a loss at 8 bits: which are narrow does not matter, how many does. 85 of them leave 15 % of all elements wide. A fifth of a strict limit is kept for
    // other samples.
    [Theory]
    [InlineData(1.0, 5e-4, 20)]
    [InlineData(0.6, 5e-4, 12)]
    [InlineData(0.5, 5e-4, 8)]
    [InlineData(0.6, 5e-5, 100)]
    [InlineData(0.5, 4e-5, 85)]
    [InlineData(0.45, 4e-5, 85)]
    [InlineData(0.5, 5e-5, 80)]
    [InlineData(0.3, 5e-5, 48)]
    [InlineData(0.6, 9e-6, 100)]
    [InlineData(0.5, 9e-6, 88)]
    public void Under_half_a_point_outputs_are_as_good_as_those_of_16_bits_while_15_percent_are_enough(double drop, double each, int expected)
    {
        var network = new Network(7, each);
        Assert.Equal(expected, 100 - network.Wide(network.Search("auto", drop, SearchObjective.Latency)).Count);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void At_the_cost_of_promotion_by_sensitivity_alone_the_loss_is_smaller(ulong seed)
    {
        var network = new Network(seed);
        foreach (double drop in new[] { 1.0, 2, 4 })
        {
            var greedy = network.Search("greedy", drop, SearchObjective.Latency);
            var ours = network.Search("auto", drop, SearchObjective.Latency);
            // A sequence that holds for all limits ends a tensor early here and there.
            Assert.True(network.Seconds(ours) <= 1.02 * network.Seconds(greedy), $"{drop}: {network.Seconds(ours)} {network.Seconds(greedy)}");
            var problem = network.Problem(drop, SearchObjective.Accuracy) with { Budget = new Budget(network.Seconds(greedy), null, null) };
            var atItsCost = Strategies.Create("auto", new SearchOptions()).Search(problem, network, null, CancellationToken.None).Best;
            Assert.True(network.LossOf(atItsCost) < network.LossOf(greedy), $"{drop}: {network.LossOf(atItsCost)} {network.LossOf(greedy)}");
        }
    }

    /// <summary>A layer and tensors that each lose an amount of their own at 8 bits; what they lose together is a little less.</summary>
    private sealed class Network : IPolicyEvaluator
    {
        private readonly double[] _loss;
        private readonly QuantizableLayer[] _items;

        public Network(ulong seed, double? alike = null)
        {
            var random = new SeededRandom(seed);
            int count = alike is not null ? 100 : 40;
            int[] elements = [.. Enumerable.Range(0, count).Select(_ => alike is not null ? 100 : 50 + random.Next(4000))];
            _loss = [.. Enumerable.Range(0, count).Select(_ => alike ?? 0.003 * Math.Exp(1.5 * random.NextNormal()))];
            _items = [new QuantizableLayer(0, "layer", LayerShape.Conv2D(8, 8, 3, 1, 8, 8), 0), .. elements.Select((e, t) => new QuantizableLayer(t + 1, $"tensor{t}", LayerShape.Tensor(e), t + 1)
            {
                Passes = 2, Joined = alike is null && t > 3 && t % 3 == 0 ? [t - 1, t] : [],
            })];
        }

        public PolicyScore Float { get; } = new(null, null, null, 0, 1, null, 64);

        public SearchProblem Problem(double drop, SearchObjective objective)
        {
            var space = new SearchSpaceBuilder(_items, _ => true)
            {
                Weights = [Bitwidth.Eight], Activations = [Bitwidth.Eight, Bitwidth.Sixteen], SupportsTensor = _ => true, Rules = [new LayerRule("layer", null, [Bitwidth.Eight])],
            }.Build();
            var costs = CostTable.Build(HardwareReader.Read("npu.yaml", Npu, null), _items, fixedBits: 0);
            return new SearchProblem(_items, space, costs, new Budget(), new SeededRandom(1)) { Objective = objective, AccuracyDropLimit = drop };
        }

        public Policy Search(string strategy, double drop, SearchObjective objective) =>
            Strategies.Create(strategy, new SearchOptions { Quality = Quality.Cosine }).Search(Problem(drop, objective), this, null, CancellationToken.None).Best;

        public double Seconds(Policy policy) => Problem(1, SearchObjective.Latency).Costs.Price(policy).LatencySeconds;

        public HashSet<int> Wide(Policy policy) => [.. Enumerable.Range(1, _loss.Length).Where(i => policy[i].Activations > 8)];

        public double LossOf(Policy policy)
        {
            double sum = Enumerable.Range(0, _loss.Length).Where(t => policy[t + 1].Activations == 8).Sum(t => _loss[t]);
            return sum / (1 + sum);
        }

        public PolicyScore Evaluate(Policy policy, CancellationToken cancellation)
        {
            double loss = LossOf(policy);
            return new PolicyScore(null, null, null, loss, 1 - loss, null, 64);
        }
    }
}
