using System.Globalization;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Search;

/// <summary>
/// The whole trade-off between one cost and accuracy: the knapsack's policies from the cheapest to the widest, measured, and the uniform policies beside them.
/// </summary>
public sealed class ParetoFront
{
    private readonly SearchProblem _problem;
    private readonly SearchObjective _cost;

    /// <summary>The front of a problem's network against a cost: its objective's, or latency where the objective is accuracy. The problem's budget plays no part.</summary>
    public ParetoFront(SearchProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        _problem = problem;
        _cost = problem.Objective == SearchObjective.Accuracy ? SearchObjective.Latency : problem.Objective;
    }

    /// <summary>The policy that the knapsack on <paramref name="scores"/> chooses within the problem's budget.</summary>
    /// <exception cref="Diagnostics.HaqException">No policy keeps all limits (HAQ0604).</exception>
    public static Policy Best(SearchProblem problem, SensitivityTable scores)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(scores);
        return new PolicyKnapsack(problem.Space, problem.Costs, problem.Budget, scores.Of).Solve()?.Policy ?? Affordability.Policy(problem.Space, problem.Costs, problem.Budget);
    }

    /// <summary>The policies that a multiplier can reach, from the cheapest to the least damaging, by scores alone.</summary>
    public IEnumerable<Policy> Predicted(SensitivityTable scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var dimension = _cost switch
        {
            SearchObjective.Energy => CostDimension.Energy(_problem.Costs, double.PositiveInfinity),
            SearchObjective.Size => CostDimension.Size(_problem.Costs, long.MaxValue),
            _ => CostDimension.Latency(_problem.Costs, double.PositiveInfinity),
        };
        return new PolicyKnapsack(_problem.Space, dimension, scores.Of).Front();
    }

    /// <summary>
    /// About <paramref name="points"/> policies of the front at even steps of cost, and every uniform policy, all measured; by cost. A policy that a cheaper one
    /// beats in measured loss is left out, unless it is uniform.
    /// </summary>
    /// <param name="evaluator">Measures policies.</param>
    /// <param name="scores">What the knapsack goes by.</param>
    /// <param name="points">About how many of the front.</param>
    /// <param name="isOver">No further policy is to be measured; asked before each.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<FrontPoint> Measure(IPolicyEvaluator evaluator, SensitivityTable scores, int points, Func<bool> isOver, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(isOver);
        var all = new List<FrontPoint>();
        var eight = _problem.Costs.PriceWhole(Policy.Uniform(_problem.Space.Layers, LayerBits.Uniform(Bitwidth.Eight)));
        var front = Predicted(scores).ToArray();
        double low = CostOf(front[0]), high = CostOf(front[^1]), wanted = low;
        foreach (var policy in front)
        {
            if (CostOf(policy) < wanted && !policy.Equals(front[^1])) continue;
            if (isOver()) break;
            double share = CostOf(policy) / SearchGoal.CostOf(_cost, eight);
            all.Add(Point(string.Create(CultureInfo.InvariantCulture, $"knapsack {share:0.00}x"), policy, isUniform: false));
            wanted = CostOf(policy) + (high - low) / Math.Max(1, points - 1) * 0.999;
        }
        var offered = _problem.Space.Choices.SelectMany(c => c).SelectMany(b => (int[])[b.Weights, b.Activations]).ToHashSet();
        foreach (int bits in offered.Where(b => b is >= 2 and <= 8).Order())
        {
            var policy = _problem.Space.Uniform(LayerBits.Uniform(new Bitwidth(bits)));
            if (isOver()) break;
            if (all.All(p => !p.IsUniform || !p.Policy.Equals(policy))) all.Add(Point($"uniform {bits} bit", policy, isUniform: true));
        }
        return [.. all.Where(p => p.IsUniform || !all.Any(q => Beats(q, p))).OrderBy(p => SearchGoal.CostOf(_cost, p.Cost)).ThenBy(p => p.IsUniform)];

        FrontPoint Point(string name, Policy policy, bool isUniform) =>
            new(name, policy, _problem.Costs.PriceWhole(policy), scores.Predict(policy), evaluator.Evaluate(policy, cancellation), isUniform);
    }

    private bool Beats(FrontPoint a, FrontPoint b)
    {
        double x = SearchGoal.CostOf(_cost, a.Cost), y = SearchGoal.CostOf(_cost, b.Cost);
        return (x < y && a.Score.Loss <= b.Score.Loss) || (x <= y && a.Score.Loss < b.Score.Loss);
    }

    private double CostOf(Policy policy) => SearchGoal.CostOf(_cost, _problem.Costs.PriceWhole(policy));
}
