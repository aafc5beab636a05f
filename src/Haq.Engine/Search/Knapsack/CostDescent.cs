using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Search.Knapsack;

/// <summary>The dual problem: the cheapest policy whose measured accuracy stays within a limit, by narrowing the budget down on the knapsack's policies.</summary>
internal sealed class CostDescent(SearchRun run, Quality quality, PolicyScore original)
{
    private const int Bisections = 14;
    private const double Close = 1.002;
    private const int NarrowingRounds = 3;

    private readonly SearchObjective _objective = run.Problem.Objective;

    /// <summary>
    /// Bisects the budget between the least and the greatest cost; measured policies become the search's answers by themselves. Returns the budget of the cheapest policy that
    /// kept the limit and of the dearest one below it that did not, or null where none kept it.
    /// </summary>
    public (double Kept, double Broken)? Bisect(SensitivityScores scores)
    {
        var problem = run.Problem;
        var dearest = Affordability.Policy(problem.Space, problem.Costs, problem.Budget);
        double high = CostOf(dearest), low = Floor();
        if (run.LooksAhead) run.Announce([dearest, scores.Solve(At(low)).Policy, Between(low, high)]);
        if (!Keeps(run.Measure(dearest)) && !Keeps(run.Measure(scores.Solve(problem.Budget).Policy))) return null;
        if (Keeps(run.Measure(scores.Solve(At(low)).Policy))) return (low, low);
        for (int i = 0; i < Bisections && high > low * Close; i++)
        {
            double middle = Math.Sqrt(low * high);
            var policy = Between(low, high);
            // Whatever comes of it, one of two follows.
            if (run.LooksAhead) run.Announce([policy, Between(low, CostOf(policy)), Between(middle, high)]);
            if (Keeps(run.Measure(policy))) high = CostOf(policy);
            else low = middle;
        }
        return (high, low);

        Policy Between(double floor, double ceiling) => scores.Solve(At(Math.Sqrt(floor * ceiling))).Policy;
    }

    /// <summary>
    /// Takes 16 bits away again where they help least for what they hold: as many of those tensors at once as the accuracy bears, found by halving, and the rest around each that it does not.
    /// A knapsack spends what a budget leaves; where the objective hardly counts activations, that is 16 bits throughout.
    /// </summary>
    public void Narrow(SensitivityScores scores)
    {
        var (space, table) = (run.Problem.Space, scores.Table);
        if (run.Incumbent is not { } best) return;
        run.Phase = "narrowing tensors";
        var current = best.Policy;
        var open = space.Groups.Where(g => current[g[0]].Activations > Bitwidth.Eight && space.ActivationsOf(g[0])[0] <= Bitwidth.Eight)
            .OrderBy(g => g.Sum(i => table.Of(i, Narrowed(i, current)) - table.Of(i, current[i])) / g.Max(i => run.Problem.Layers[i].Shape.InputElements)).ToList();
        for (int round = 0; round < NarrowingRounds && open.Count > 0; round++)
        {
            int low = 0, high = open.Count;
            while (low < high)
            {
                int middle = (low + high + 1) / 2;
                run.Announce(((int[])[middle, (middle + high + 1) / 2, (low + middle) / 2]).Distinct().Select(count => Narrowed(current, open[..count])).Where(IsPromising));
                if (IsBetter(Narrowed(current, open[..middle]))) low = middle;
                else high = middle - 1;
            }
            current = Narrowed(current, open[..low]);
            open = open[Math.Min(open.Count, low + 1)..];
        }
    }

    private bool IsBetter(Policy policy) => IsPromising(policy) && Keeps(run.Measure(policy));

    private bool IsPromising(Policy policy)
    {
        var (problem, cost) = (run.Problem, run.Problem.Costs.PriceWhole(policy));
        return problem.Budget.Admits(cost) && SearchGoal.CostOf(problem, policy, cost) <= SearchGoal.CostOf(problem, run.Incumbent!.Value.Policy, problem.Costs.PriceWhole(run.Incumbent.Value.Policy));
    }

    private Policy Narrowed(Policy policy, IEnumerable<ImmutableArray<int>> groups)
    {
        foreach (int member in groups.SelectMany(g => g)) policy = policy.With(member, Narrowed(member, policy));
        return policy;
    }

    // At the widest of at most 8 bits, with the weights that go with it.
    private LayerBits Narrowed(int member, Policy policy)
    {
        var space = run.Problem.Space;
        var widths = space.ActivationsOf(member).ToArray();
        var activations = widths.Last(w => w <= Bitwidth.Eight);
        var weights = space.WeightsOf(member, activations);
        return new LayerBits(weights.Contains(policy[member].Weights) ? policy[member].Weights : weights[^1], activations);
    }

    /// <summary>The problem's budget, with the objective's cost limited to a value.</summary>
    public Budget At(double limit) => _objective switch
    {
        SearchObjective.Latency => run.Problem.Budget with { LatencySeconds = limit },
        SearchObjective.Energy => run.Problem.Budget with { EnergyJoules = limit },
        _ => run.Problem.Budget with { SizeBits = (long)limit },
    };

    /// <summary>The score loses no more than the limit.</summary>
    public bool Keeps(PolicyScore score) => quality.Of(original) - quality.Of(score) <= (run.Problem.AccuracyDropLimit ?? 0);

    /// <summary>What a policy costs in the objective's unit.</summary>
    public double CostOf(Policy policy) => SearchGoal.CostOf(_objective, run.Problem.Costs.PriceWhole(policy));

    /// <summary>The error where no policy kept the limit.</summary>
    public static HaqException OutOfReach(SearchRun run, Quality quality, PolicyScore original)
    {
        double limit = run.Problem.AccuracyDropLimit ?? 0;
        string best = run.LeastDrop(score => quality.Of(original) - quality.Of(score)) is { } least
            ? string.Create(CultureInfo.InvariantCulture, $"; the best one measured loses {least:0.##}") : "";
        return DiagnosticCatalog.AccuracyOutOfReach.Error((SourceLocation?)null, string.Create(CultureInfo.InvariantCulture,
            $"no policy that was measured stays within {limit:0.##} points of the float model{best}. Allow a larger 'accuracy-drop', or add 'finetune:'."));
    }

    /// <summary>The least cost that the other limits leave, a little widened so that rounding cannot make it unaffordable.</summary>
    public double Floor()
    {
        var problem = run.Problem;
        var dimension = _objective switch
        {
            SearchObjective.Latency => CostDimension.Latency(problem.Costs, double.PositiveInfinity),
            SearchObjective.Energy => CostDimension.Energy(problem.Costs, double.PositiveInfinity),
            _ => CostDimension.Size(problem.Costs, long.MaxValue),
        };
        var cheapest = new PolicyKnapsack(problem.Space, problem.Costs, problem.Budget, dimension.Cost).Solve()
            ?? throw new InvalidOperationException("the budget was found affordable before");
        double cost = CostOf(cheapest.Policy);
        return _objective == SearchObjective.Size ? cost : cost * (1 + 1e-9);
    }
}
