using FsCheck;
using FsCheck.Fluent;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Search;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Tests.Search.Knapsack;

public sealed class KnapsackTests
{
    // The oracle tries everything; damages need not fall with bits, and whole numbers make ties.
    [Fact]
    public void Equals_brute_force_on_small_problems_with_groups_and_several_limits() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed =>
        {
            var problem = new SmallProblem(seed);
            var solution = new PolicyKnapsack(problem.Space, problem.Costs, problem.Budget, problem.Damage).Solve();
            var best = problem.BruteForce();
            if (best is null) return solution is null;
            return solution is not null && problem.Space.Contains(solution.Policy) && problem.Budget.Admits(problem.Costs.Price(solution.Policy))
                && Math.Abs(solution.Damage - best.Value) <= 1e-9 * Math.Max(1, best.Value) && solution.RelativeGap == 0
                && Math.Abs(problem.Total(solution.Policy) - solution.Damage) <= 1e-9;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Proves_optimality_at_real_size_at_every_budget()
    {
        var network = new SyntheticNetwork(53, seed: 5);
        foreach (double factor in (double[])[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
        {
            var solution = Knapsack(network, network.LatencyOf(factor)).Solve();
            Assert.NotNull(solution);
            Assert.Equal(0, solution.RelativeGap);
        }
    }

    [Fact]
    public void A_thousand_layers_are_solved_within_a_hundredth_of_a_percent()
    {
        var network = new SyntheticNetwork(1000, seed: 6);
        var solution = Knapsack(network, network.LatencyOf(0.4)).Solve();
        Assert.NotNull(solution);
        Assert.InRange(solution.RelativeGap, 0, 1e-4);
    }

    [Theory]
    [InlineData(53, 0.5, 0.5, null, 0)]
    [InlineData(53, 0.35, 0.45, null, 2e-3)]
    [InlineData(53, 0.4, 0.5, 0.35, 1e-2)]
    [InlineData(1000, 0.35, 0.45, null, 1e-4)]
    public void Several_limits_that_bind_together_are_solved_with_an_honest_gap(int layers, double latency, double size, double? energy, double gap)
    {
        var network = new SyntheticNetwork(layers, seed: 5, groups: [.. Enumerable.Range(0, layers).Select(i => i % 7 == 4 ? i - 1 : i)]);
        var eight = network.Costs.Price(Policy.Uniform(layers, new LayerBits(8, 8)));
        var budget = network.LatencyOf(latency) with { SizeBits = (long)(size * eight.SizeBits), EnergyJoules = energy * eight.EnergyJoules };
        var solution = Knapsack(network, budget).Solve();
        Assert.NotNull(solution);
        Assert.True(budget.Admits(network.Costs.Price(solution.Policy)) && network.Space.Contains(solution.Policy));
        Assert.InRange(solution.RelativeGap, 0, gap);
        // No single limit by itself has a worse optimum.
        Assert.All((Budget[])[new(budget.LatencySeconds), new(null, null, budget.SizeBits)], alone => Assert.True(Knapsack(network, alone).Solve()!.Damage <= solution.Damage));
    }

    [Fact]
    public void One_layer_has_the_widest_choice_that_its_budget_buys()
    {
        var layers = new QuantizableLayer[] { new(0, "only", LayerShape.Dense(64, 64), 0) };
        var costs = SyntheticNetwork.CostsOf(layers);
        // The only layer is first and last: pinned, unless it is freed by name.
        var pinned = new SearchSpaceBuilder(layers, _ => true).Build();
        Assert.Equal(new LayerBits(8, 8), new PolicyKnapsack(pinned, costs, new Budget(costs.Price(pinned.Widest).LatencySeconds), (_, _) => 0).Solve()!.Policy[0]);
        var free = new SearchSpaceBuilder(layers, _ => true) { Rules = [new LayerRule("only", SearchSpaceBuilder.Widths(2, 8), SearchSpaceBuilder.Widths(8, 8))] }.Build();
        var budget = new Budget(null, null, costs.FixedBits + 4096 * 5);
        Assert.Equal(new LayerBits(5, 8), new PolicyKnapsack(free, costs, budget, (_, b) => 8 - b.Weights.Bits).Solve()!.Policy[0]);
        Assert.Null(new PolicyKnapsack(free, costs, new Budget(null, null, costs.FixedBits + 4096), (_, b) => 8 - b.Weights.Bits).Solve());
    }

    [Fact]
    public void Budgets_at_the_floor_and_at_the_ceiling_have_their_one_answer()
    {
        var network = new SyntheticNetwork(12, seed: 7);
        var narrowest = network.Space.Uniform(new LayerBits(2, 2));
        double floor = network.Costs.Price(narrowest).LatencySeconds;
        Assert.Equal(narrowest, Knapsack(network, new Budget(floor)).Solve()!.Policy);
        Assert.Null(Knapsack(network, new Budget(floor * 0.999)).Solve());
        Assert.Equal(network.Space.Widest, Knapsack(network, new Budget(network.Costs.Price(network.Space.Widest).LatencySeconds)).Solve()!.Policy);
        Assert.Equal(network.Space.Widest, Knapsack(network, new Budget()).Solve()!.Policy);
    }

    [Fact]
    public void The_front_rises_in_cost_falls_in_damage_and_each_point_is_optimal_at_its_own_cost()
    {
        var network = new SyntheticNetwork(10, seed: 8);
        var damage = Additive(network);
        double previousCost = 0, previousDamage = double.PositiveInfinity;
        foreach (var policy in new PolicyKnapsack(network.Space, CostDimension.Latency(network.Costs, double.PositiveInfinity), damage).Front())
        {
            double cost = network.Costs.Price(policy).LatencySeconds;
            double total = Enumerable.Range(0, policy.Count).Sum(i => damage(i, policy[i]));
            Assert.True(cost > previousCost && total < previousDamage);
            var solution = Knapsack(network, new Budget(cost)).Solve();
            Assert.Equal(total, solution!.Damage, 1e-9 * total);
            (previousCost, previousDamage) = (cost, total);
        }
        Assert.Equal(network.Costs.Price(network.Space.Widest).LatencySeconds, previousCost, 1e-12);
    }

    [Fact]
    public void Projection_keeps_an_affordable_policy_and_brings_others_under_the_budget()
    {
        var network = new SyntheticNetwork(10, seed: 9);
        var budget = network.LatencyOf(0.5);
        var cheap = network.Space.Uniform(new LayerBits(3, 3));
        Assert.Equal(cheap, BudgetProjection.Nearest(network.Space, network.Costs, budget, cheap));
        var near = BudgetProjection.Nearest(network.Space, network.Costs, budget, network.Space.Widest);
        Assert.NotNull(near);
        Assert.True(budget.Admits(network.Costs.Price(near)) && network.Space.Contains(near));
        // Nearest: no single width can be raised.
        for (int i = 1; i < 9; i++)
        {
            var (w, a) = near[i];
            if (w < 8) Assert.False(budget.Admits(network.Costs.Price(near.With(i, new LayerBits(w + 1, a)))));
            if (a < 8) Assert.False(budget.Admits(network.Costs.Price(near.With(i, new LayerBits(w, a + 1)))));
        }
    }

    [Fact]
    public void Limits_that_contradict_each_other_have_no_answer_and_a_message_with_each_floor()
    {
        // Latency wants narrow weights in one layer, size in the other: the choices are rigged so that no pair does both.
        var layers = new QuantizableLayer[] { new(0, "a", LayerShape.Dense(64, 64), 0) };
        var cells = new LayerCost[64];
        for (int w = 1; w <= 8; w++)
        {
            for (int a = 1; a <= 8; a++)
                cells[(w - 1) * 8 + a - 1] = new LayerCost(0, 1e-3 * (9 - w), null, default, default, 0);
        }

        var costs = new CostTable(cells, [4096], 0);
        var space = new SearchSpaceBuilder(layers, _ => true) { Rules = [new LayerRule("a", SearchSpaceBuilder.Widths(2, 8), SearchSpaceBuilder.Widths(8, 8))] }.Build();
        var error = Assert.Throws<Engine.Diagnostics.HaqException>(() => Affordability.Policy(space, costs, new Budget(2.5e-3, null, 4096 * 3)));
        Assert.Contains("latency can go down to 1 ms, size can go down to 0.001024 MB", error.Message, StringComparison.Ordinal);
        // Three bits keep the size and take 6 ms; 2.5 ms take 7 bits.
        Assert.Contains("With the others as they are, allow latency 6 ms, or size 0.003584 MB.", error.Message, StringComparison.Ordinal);
        Assert.Null(Record.Exception(() => Affordability.Policy(space, costs, new Budget(6e-3, null, 4096 * 3))));
        var named = Assert.Throws<Engine.Diagnostics.HaqException>(() =>
            Affordability.Policy(space, costs, new Budget(2.5e-3, null, 4096 * 3), new Engine.Diagnostics.SourceLocation("haq.yaml", 4, 9), ["a"]));
        Assert.StartsWith("haq.yaml(4,9): error HAQ0604", named.Diagnostic.ToString(), StringComparison.Ordinal);
        Assert.Contains("allow latency 6 ms (held up by 'a' 100 %)", named.Message, StringComparison.Ordinal);
    }

    internal static PolicyKnapsack Knapsack(SyntheticNetwork network, Budget budget) => new(network.Space, network.Costs, budget, Additive(network));

    internal static Func<int, LayerBits, double> Additive(SyntheticNetwork network)
    {
        var widest = network.Space.Widest;
        double reference = network.Damage(widest);
        return (layer, bits) => network.Damage(widest.With(layer, bits)) - reference;
    }

    private sealed class SmallProblem
    {
        private readonly double[,] _damage;

        public SmallProblem(ulong seed)
        {
            var random = new SeededRandom(seed);
            int layers = 1 + random.Next(5);
            int[] group = [.. Enumerable.Range(0, layers)];
            for (int i = 1; i < layers; i++) if (random.Next(3) == 0) group[i] = group[random.Next(i)];
            var choices = new List<LayerBits>[layers];
            for (int i = 0; i < layers; i++)
            {
                choices[i] = [];
                for (int w = 2; w <= 4; w++) for (int a = 2; a <= 3; a++) choices[i].Add(new LayerBits(w, a));
            }
            Space = new SearchSpace([.. choices.Select(c => System.Collections.Immutable.ImmutableArray.CreateRange(c))], [.. group]);
            bool whole = random.Next(2) == 0;
            _damage = new double[layers, 16];
            for (int i = 0; i < layers; i++) for (int c = 0; c < 16; c++) _damage[i, c] = whole ? random.Next(6) : random.NextDouble();
            var cells = new LayerCost[layers * 64];
            for (int c = 0; c < cells.Length; c++)
            {
                long cycles = 1 + random.Next(20);
                cells[c] = new LayerCost(cycles, cycles, new Energy(random.Next(20), 0, 0, 0), default, default, 0);
            }
            Costs = new CostTable(cells, [.. Enumerable.Range(0, layers).Select(_ => 1L + random.Next(9))], fixedBits: 5);
            Budget = new Budget(Limit(0.75, 1), Limit(0.5, 1e-12), random.Next(2) == 0 ? null : 5 + random.Next(layers * 25));

            double? Limit(double probability, double unit) => random.NextDouble() < probability ? random.Next(layers * 20) * unit : null;
        }

        public SearchSpace Space { get; }

        public CostTable Costs { get; }

        public Budget Budget { get; }

        public double Damage(int layer, LayerBits bits) => _damage[layer, (bits.Weights - 2) * 2 + bits.Activations - 2];

        public double Total(Policy policy) => Enumerable.Range(0, policy.Count).Sum(i => Damage(i, policy[i]));

        public double? BruteForce()
        {
            double? best = null;
            var bits = new LayerBits[Space.Layers];
            Visit(0);
            return best;

            void Visit(int layer)
            {
                if (layer == bits.Length)
                {
                    var policy = new Policy([.. bits]);
                    if (Space.Contains(policy) && Budget.Admits(Costs.Price(policy)) && !(Total(policy) >= best)) best = Total(policy);
                    return;
                }
                foreach (var choice in Space.ChoicesOf(layer))
                {
                    bits[layer] = choice;
                    Visit(layer + 1);
                }
            }
        }
    }
}
