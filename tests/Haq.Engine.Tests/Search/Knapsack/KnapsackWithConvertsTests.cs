using Google.OrTools.Sat;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Search;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Tests.Search.Knapsack;

/// <summary>Costs between choices: the same problems, solved to proven optimality by OR-Tools' CP-SAT.</summary>
public sealed class KnapsackWithConvertsTests
{
    private const string Npu = """
        kind: systolic
        clock_mhz: 1000
        tensors: integer
        dataflow: os
        rows: 8
        cols: 8
        bits: {weights: [4, 8], activations: [8, 16]}
        sram: {weights: 65536, inputs: 65536, outputs: 65536}
        dram_bits_per_cycle: 64
        convert: {elements_per_cycle: 2}
        provenance: test
        """;

    // CP-SAT counts in integers: the damages of all items together have twelve digits.
    private const double Digits = 1e12;

    [Theory]
    [InlineData(1, 0.15, null)]
    [InlineData(2, 0.4, null)]
    [InlineData(4, 0.5, 0.7)]
    [InlineData(5, 0.25, 0.8)]
    public void On_a_tree_the_optimum_is_proven_and_that_of_CP_SAT(int seed, double latency, double? size)
    {
        var network = new Network((ulong)seed, loops: 0);
        var budget = network.Between(latency, size);
        var solution = new PolicyKnapsack(network.Space, network.Costs, budget, network.Damage).Solve()!;
        Assert.True(budget.Admits(network.Costs.Price(solution.Policy)));
        Assert.Equal(network.DamageOf(solution.Policy), solution.Damage, 1e-9);
        Assert.Equal(0, solution.RelativeGap);
        double optimum = Optimum(network, budget);
        Assert.Equal(optimum, solution.Damage, 1e-9 * Math.Max(1, optimum));
    }

    [Theory]
    [InlineData(1, 0.3, 3, true)]
    [InlineData(2, 0.6, 4, true)]
    [InlineData(3, 0.5, 9, false)]
    public void With_cycles_all_ways_to_cut_them_are_tried_and_where_there_are_too_many_the_bound_holds(int seed, double latency, int loops, bool exact)
    {
        var network = new Network((ulong)seed, loops);
        var budget = network.Between(latency, null);
        var solution = new PolicyKnapsack(network.Space, network.Costs, budget, network.Damage).Solve()!;
        Assert.True(budget.Admits(network.Costs.Price(solution.Policy)));
        double optimum = Optimum(network, budget);
        Assert.InRange(optimum, solution.Bound - 1e-9, solution.Damage + 1e-9);
        // The gap that is reported is the most that is lost.
        Assert.True(solution.Damage - optimum <= solution.RelativeGap * solution.Damage + 1e-9);
        Assert.InRange(solution.Damage, optimum - 1e-9, (exact ? 1 : 1.25) * optimum + 1e-9);
        Assert.True(!exact || solution.RelativeGap == 0);
    }

    [Fact]
    public void What_cannot_be_afforded_is_nothing_and_what_need_not_be_saved_is_the_least_damage()
    {
        var network = new Network(6, loops: 0);
        Assert.Null(new PolicyKnapsack(network.Space, network.Costs, network.Between(-0.05, null), network.Damage).Solve());
        var free = new PolicyKnapsack(network.Space, network.Costs, network.Between(2, null), network.Damage).Solve()!;
        Assert.Equal(Enumerable.Range(0, network.Space.Layers).Sum(i => network.Space.ChoicesOf(i).ToArray().Min(b => network.Damage(i, b))), free.Damage, 1e-9);
    }

    // One binary per item and pair, one per edge and pair of different widths, which is at least the sum of both ends less one.
    private static double Optimum(Network network, Budget budget)
    {
        var model = new CpModel();
        var choices = new List<(int Item, LayerBits Bits, BoolVar Taken)>();
        for (int item = 0; item < network.Space.Layers; item++)
            foreach (var bits in network.Space.ChoicesOf(item)) choices.Add((item, bits, model.NewBoolVar($"{item}:{bits}")));
        foreach (var item in choices.GroupBy(c => c.Item)) model.AddExactlyOne(item.Select(c => c.Taken));
        foreach (var group in network.Space.Groups)
        {
            foreach (int member in group.Skip(1))
                foreach (int width in network.Space.ActivationsOf(member)) model.Add(Taken(member, width) == Taken(group[0], width));
        }

        var spent = choices.Select(c => (LinearExpr)c.Taken * network.Costs[c.Item, c.Bits].Cycles).ToList();
        foreach (var item in network.Items)
        {
            foreach (int from in item.Joined)
            {
                foreach (int a in network.Space.ActivationsOf(from))
                {
                    foreach (int b in network.Space.ActivationsOf(item.Index))
                    {
                        if (a == b) continue;
                        var both = model.NewBoolVar($"{from}:{a}>{item.Index}:{b}");
                        model.Add(both + 1 >= Taken(from, a) + Taken(item.Index, b));
                        spent.Add((LinearExpr)both * network.ConvertCycles(from, item.Index, a, b));
                    }
                }
            }
        }
        model.Add(LinearExpr.Sum(spent) <= (long)Math.Floor(budget.LatencySeconds!.Value * 1e9 + 1e-6));
        if (budget.SizeBits is { } most) model.Add(LinearExpr.Sum(choices.Select(c => (LinearExpr)c.Taken * network.Costs.SizeBits(c.Item, c.Bits.Weights))) <= most);
        model.Minimize(LinearExpr.Sum(choices.Select(c => (LinearExpr)c.Taken * (long)Math.Round(Digits / network.MostDamage * network.Damage(c.Item, c.Bits)))));
        var solver = new CpSolver { StringParameters = "num_workers:1 random_seed:1" };
        Assert.Equal(CpSolverStatus.Optimal, solver.Solve(model));
        return choices.Where(c => solver.BooleanValue(c.Taken)).Sum(c => network.Damage(c.Item, c.Bits));

        LinearExpr Taken(int item, int width) => LinearExpr.Sum(choices.Where(c => c.Item == item && c.Bits.Activations == width).Select(c => c.Taken));
    }

    /// <summary>Layers and tensors between them, joined in a random tree; with loops, by edges more than a tree has.</summary>
    private sealed class Network
    {
        private const int Layers = 8, Tensors = 24;
        private readonly double[] _damage;

        public Network(ulong seed, int loops)
        {
            var random = new SeededRandom(seed);
            var joined = Enumerable.Range(0, Tensors).Select(_ => new List<int>()).ToArray();
            for (int t = 1; t < Tensors; t++) joined[random.Next(t)].Add(Layers + t);
            for (int l = 0; l < loops; l++)
            {
                int from = 1 + random.Next(Tensors - 1), to = random.Next(from);
                if (!joined[to].Contains(Layers + from)) joined[to].Add(Layers + from);
            }
            // Every other layer reads a tensor between layers, and has its width.
            Items = [.. Enumerable.Range(0, Layers).Select(i => new QuantizableLayer(i, $"layer{i}", LayerShape.Conv2D(8 * (1 + random.Next(8)), 8 * (1 + random.Next(8)), 3, 1, 14, 14), i)),
                .. Enumerable.Range(0, Tensors).Select(t => new QuantizableLayer(Layers + t, $"tensor{t}", LayerShape.Tensor(500 + random.Next(4000)), t % 7 == 3 ? 1 + 2 * (t / 7) : Layers + t)
                {
                    Passes = 1 + random.Next(3), Joined = [.. joined[t]],
                })];
            Costs = CostTable.Build(HardwareReader.Read("npu.yaml", Npu, null), Items, fixedBits: 0);
            Space = new SearchSpaceBuilder(Items, _ => true)
            {
                Weights = [new Bitwidth(4), Bitwidth.Eight], Activations = [Bitwidth.Eight, Bitwidth.Sixteen], SupportsTensor = _ => true,
                Rules = [new LayerRule("layer*", [new Bitwidth(4), Bitwidth.Eight], [Bitwidth.Eight, Bitwidth.Sixteen])],
            }.Build();
            _damage = [.. Items.Select(_ => Math.Exp(1.5 * random.NextNormal()))];
        }

        public QuantizableLayer[] Items { get; }

        public CostTable Costs { get; }

        public SearchSpace Space { get; }

        public double MostDamage => _damage.Sum() * 2;

        // Wider activations hurt less, wider weights too; what a half hurts is no round number.
        public double Damage(int item, LayerBits bits) => _damage[item] * ((bits.Activations > 8 ? 0.013 : 1) + (bits.Weights < 8 ? 0.37 : 0.011));

        public double DamageOf(Policy policy) => Enumerable.Range(0, policy.Count).Sum(i => Damage(i, policy[i]));

        public long ConvertCycles(int from, int to, int a, int b)
        {
            var converts = Costs.Edges!;
            int edge = Enumerable.Range(0, converts.Count).Single(e => converts.Ends(e) == (from, to));
            return converts.Cost(edge, new Bitwidth(a), new Bitwidth(b)).Cycles;
        }

        public Budget Between(double latency, double? size)
        {
            var (least, most) = (Costs.Price(Space.Uniform(new LayerBits(4, 8))), Costs.Price(Space.Widest));
            double seconds = least.LatencySeconds + latency * (most.LatencySeconds - least.LatencySeconds);
            return new Budget(Math.Floor(seconds * 1e9) / 1e9, null, size is { } share ? (long)(share * most.SizeBits) : null);
        }
    }
}
