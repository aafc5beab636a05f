using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>The scores of a search's choices, and the knapsack over them.</summary>
internal sealed class SensitivityScores
{
    private readonly SearchProblem _problem;

    private SensitivityScores(SearchProblem problem, SensitivityTable table) => (_problem, Table) = (problem, table);

    /// <summary>The scores.</summary>
    public SensitivityTable Table { get; }

    /// <summary>The problem's own scores, or new ones.</summary>
    /// <exception cref="OperationCanceledException">The search was over before all were made.</exception>
    public static SensitivityScores Of(SearchRun run)
    {
        var (problem, space) = (run.Problem, run.Problem.Space);
        return new SensitivityScores(problem, problem.Sensitivity ?? run.Within(ending => ScorerOf(problem, run.Prober).Score(space.Choices, space.Groups, ending)));
    }

    /// <summary>How many probes making the scores takes.</summary>
    public static int ProbesOf(SearchProblem problem, IPolicyEvaluator prober) =>
        problem.Sensitivity is null && ScorerOf(problem, prober) is ProbeScorer ? ProbeScorer.Measurements(problem.Space.Choices, problem.Space.Groups) : 0;

    /// <summary>The policies that making the scores measures; none where they are known, or made from the network's layers.</summary>
    public static IReadOnlyList<Policy> Probes(SearchProblem problem, IPolicyEvaluator prober) =>
        problem.Sensitivity is null && ScorerOf(problem, prober) is ProbeScorer ? ProbeScorer.Policies(problem.Space.Choices, problem.Space.Groups) : [];

    private static ISensitivityScorer ScorerOf(SearchProblem problem, IPolicyEvaluator prober) => problem.Scorer?.Invoke(prober) ?? new ProbeScorer(prober);

    /// <summary>The knapsack's policy for a budget that is known to be affordable. An exponent below 1 makes great scores count less against the sum of many small ones.</summary>
    public KnapsackSolution Solve(Budget budget, double exponent = 1) =>
        new PolicyKnapsack(_problem.Space, _problem.Costs, budget, (layer, bits) => exponent == 1 ? Table.Of(layer, bits) : Math.Pow(Table.Of(layer, bits), exponent)).Solve()
        ?? throw new InvalidOperationException("the budget was found affordable before");
}
