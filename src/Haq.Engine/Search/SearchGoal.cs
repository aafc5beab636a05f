using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search;

/// <summary>What counts as an answer, and which of two answers is better.</summary>
/// <param name="Admits">The policy that costs and scores this is an answer.</param>
/// <param name="Better">The first answer beats the second.</param>
internal sealed record SearchGoal(
    Func<NetworkCost, PolicyScore, bool> Admits, Func<SearchGoal.Answer, SearchGoal.Answer, bool> Better)
{
    // All activations at 16 bits are worth a twentieth of the cost: enough to decide where they are free or nearly so, as a size does not count them.
    internal const double WideWorth = 0.05;

    /// <summary>A measured policy.</summary>
    /// <param name="Policy">The policy.</param>
    /// <param name="Cost">What it costs.</param>
    /// <param name="Score">What it scores.</param>
    public readonly record struct Answer(Policy Policy, NetworkCost Cost, PolicyScore Score);

    /// <summary>Where an answer has this, none with a greater loss can beat it, so that others may race against it; null where losses do not decide.</summary>
    public Func<PolicyScore, bool>? RacesAgainst { get; private init; }

    /// <summary>The problem's own goal, with label-free loss as the measure of accuracy.</summary>
    public static SearchGoal Of(SearchProblem problem, Quality quality, PolicyScore original) => problem.Objective == SearchObjective.Accuracy
        ? LeastLoss(problem.Budget, score => problem.AccuracyDropLimit is not { } drop || quality.Of(original) - quality.Of(score) <= drop)
        : LeastCost(problem, new AccuracyLimit(problem, quality, original));

    /// <summary>The least loss within the budget among those that pass the gate of accuracy; where none does, among all.</summary>
    public static SearchGoal LeastLoss(Budget budget, Func<PolicyScore, bool> gate) => new((cost, _) => budget.Admits(cost), (a, b) =>
    {
        bool x = gate(a.Score), y = gate(b.Score);
        return x == y ? a.Score.Loss < b.Score.Loss : x;
    })
    { RacesAgainst = gate };

    /// <summary>The best of one quality within the budget, and the least loss where that says nothing.</summary>
    public static SearchGoal BestQuality(Budget budget, Quality quality) => new((cost, _) => budget.Admits(cost), (a, b) =>
    {
        double x = quality.Of(a.Score), y = quality.Of(b.Score);
        return x > y || (x == y && a.Score.Loss < b.Score.Loss);
    });

    /// <summary>The least of one cost within the budget, among what keeps <paramref name="limit"/>.</summary>
    public static SearchGoal LeastCost(SearchProblem problem, AccuracyLimit limit) =>
        new((cost, score) => problem.Budget.Admits(cost) && limit.Keeps(score), (a, b) =>
        {
            double x = CostOf(problem, a.Policy, a.Cost), y = CostOf(problem, b.Policy, b.Cost);
            return x < y || (x == y && a.Score.Loss < b.Score.Loss);
        });

    /// <summary>The cost that an objective makes least, with what activations of more than 8 bits are worth to be without.</summary>
    public static double CostOf(SearchProblem problem, Policy policy, NetworkCost cost) =>
        CostOf(problem.Objective, cost) * (1 + WideWorth * WideTensors.Share(problem.Layers, policy));

    /// <summary>The cost that an objective makes least: seconds, joules or bits.</summary>
    public static double CostOf(SearchObjective objective, NetworkCost cost) => objective switch
    {
        SearchObjective.Latency => cost.LatencySeconds,
        SearchObjective.Energy => cost.EnergyJoules ?? double.PositiveInfinity,
        SearchObjective.Size => cost.SizeBits,
        _ => throw new ArgumentOutOfRangeException(nameof(objective), "accuracy is no cost"),
    };
}
