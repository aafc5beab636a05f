using Google.OrTools.Sat;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Tests.Search.Knapsack;

/// <summary>The same problems, solved to proven optimality by OR-Tools' CP-SAT.</summary>
public sealed class KnapsackAgainstCpSatTests
{
    // CP-SAT counts in integers: the damages of all layers together have fifteen digits.
    private const double Digits = 1e15;

    [Theory]
    [InlineData(28, 0.6, null)]
    [InlineData(28, 0.35, null)]
    [InlineData(53, 0.5, null)]
    [InlineData(28, 0.5, 0.55)]
    [InlineData(53, 0.35, 0.45)]
    public void The_optimum_is_that_of_CP_SAT_within_the_reported_gap(int layers, double latency, double? size)
    {
        var network = new SyntheticNetwork(layers, seed: (ulong)layers, groups: [.. Enumerable.Range(0, layers).Select(i => i % 7 == 4 ? i - 1 : i)]);
        var eight = network.Costs.Price(Policy.Uniform(layers, new LayerBits(8, 8)));
        var budget = network.LatencyOf(latency) with { SizeBits = size is { } s ? (long)(s * eight.SizeBits) : null };
        var damage = KnapsackTests.Additive(network);
        var solution = new PolicyKnapsack(network.Space, network.Costs, budget, damage).Solve();
        Assert.NotNull(solution);
        double optimum = Optimum(network, budget, damage);
        Assert.InRange(solution.Damage, optimum * (1 - 1e-9), optimum * (1 + solution.RelativeGap + 1e-9));
        Assert.True(solution.Bound <= optimum * (1 + 1e-9));
        Assert.Equal(0, solution.RelativeGap);
    }

    // One binary per layer and pair; the members of a group have as many of each activation width, one or none.
    private static double Optimum(SyntheticNetwork network, Budget budget, Func<int, LayerBits, double> damage)
    {
        var model = new CpModel();
        var choices = new List<(int Layer, LayerBits Bits, BoolVar Taken, double Damage)>();
        foreach (int layer in network.Space.Groups.SelectMany(g => g))
            foreach (var bits in network.Space.ChoicesOf(layer)) choices.Add((layer, bits, model.NewBoolVar($"{layer}:{bits}"), damage(layer, bits)));
        foreach (var layer in choices.GroupBy(c => c.Layer)) model.AddExactlyOne(layer.Select(c => c.Taken));
        foreach (var group in network.Space.Groups)
        {
            foreach (int layer in group.Skip(1))
                foreach (int width in network.Space.ActivationsOf(layer)) model.Add(Taken(layer, width) == Taken(group[0], width));
        }
        model.Add(Sum(c => network.Costs[c.Layer, c.Bits].Cycles) <= (long)Math.Floor(budget.LatencySeconds!.Value * 200e6 + 1e-6));
        if (budget.SizeBits is { } most) model.Add(Sum(c => network.Costs.SizeBits(c.Layer, c.Bits.Weights)) <= most - network.Costs.FixedBits);
        double scale = Digits / choices.GroupBy(c => c.Layer).Sum(layer => layer.Max(c => c.Damage));
        model.Minimize(Sum(c => (long)Math.Round(scale * c.Damage)));

        var solver = new CpSolver { StringParameters = "num_workers:1 random_seed:1" };
        Assert.Equal(CpSolverStatus.Optimal, solver.Solve(model));
        return choices.Where(c => solver.BooleanValue(c.Taken)).Sum(c => c.Damage);

        LinearExpr Taken(int layer, int width) => LinearExpr.Sum(choices.Where(c => c.Layer == layer && c.Bits.Activations == width).Select(c => c.Taken));
        LinearExpr Sum(Func<(int Layer, LayerBits Bits, BoolVar Taken, double Damage), long> weight) =>
            LinearExpr.WeightedSum(choices.Select(c => c.Taken), choices.Select(weight));
    }
}
