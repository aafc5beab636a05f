using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;

namespace Haq.Engine.Search.Knapsack;

/// <summary>The scores of a search's choices, and the knapsack over them.</summary>
internal sealed class SensitivityScores
{
    private readonly SearchProblem _problem;

    private SensitivityScores(SearchProblem problem, SensitivityTable table) => (_problem, Table) = (problem, table);

    /// <summary>The scores.</summary>
    public SensitivityTable Table { get; }

    /// <summary>The problem's own scores, or new ones by probing.</summary>
    /// <exception cref="OperationCanceledException">The search was over before all were made.</exception>
    public static SensitivityScores Of(SearchRun run)
    {
        var space = run.Problem.Space;
        return new SensitivityScores(run.Problem, run.Problem.Sensitivity
            ?? new ProbeScorer(run.Prober).Score([.. Enumerable.Range(0, space.Layers).Select(i => space.ChoicesOf(i).ToArray())], space.Groups, CancellationToken.None));
    }

    /// <summary>How many probes that takes.</summary>
    public static int ProbesOf(SearchSpace space) =>
        1 + Enumerable.Range(0, space.Layers).Sum(i => space.ChoicesOf(i).ToArray().Select(c => c.Weights).Distinct().Count() - 1) + space.Groups.Sum(g => space.ActivationsOf(g[0]).Length - 1);

    /// <summary>The knapsack's policy for a budget that is known to be affordable. An exponent below 1 makes great scores count less against the sum of many small ones.</summary>
    public KnapsackSolution Solve(Budget budget, double exponent = 1) =>
        new PolicyKnapsack(_problem.Space, _problem.Costs, budget, (layer, bits) => exponent == 1 ? Table.Of(layer, bits) : Math.Pow(Table.Of(layer, bits), exponent)).Solve()
        ?? throw new InvalidOperationException("the budget was found affordable before");
}
