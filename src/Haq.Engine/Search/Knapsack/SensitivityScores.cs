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

    /// <summary>
    /// The same as far as the knapsack's answers for the problem's budget depend on it, where scores are measured one by one; all of them otherwise.
    /// </summary>
    /// <param name="run">The search.</param>
    /// <param name="exponents">Of the answers.</param>
    /// <exception cref="OperationCanceledException">The search was over before.</exception>
    public static SensitivityScores For(SearchRun run, IReadOnlyList<double> exponents)
    {
        var problem = run.Problem;
        return AreFew(problem, run.Prober) ? new SensitivityScores(problem, new DecisiveScores(run, ScorerOf(problem, run.Prober) as ProbeScorer).For(exponents)) : Of(run);
    }

    /// <summary>How many probes making the scores takes, at first.</summary>
    public static int ProbesOf(SearchProblem problem, IPolicyEvaluator prober) => AreFew(problem, prober) ? Probes(problem, prober).Count
        : problem.Sensitivity is null && ScorerOf(problem, prober) is ProbeScorer ? ProbeScorer.Measurements(problem.Space.Choices, problem.Space.Groups) : 0;

    /// <summary>The policies that making the scores measures first; none where they are known, or made from the network's layers.</summary>
    public static IReadOnlyList<Policy> Probes(SearchProblem problem, IPolicyEvaluator prober)
    {
        if (problem.Sensitivity is not null || ScorerOf(problem, prober) is not ProbeScorer) return [];
        if (!AreFew(problem, prober)) return ProbeScorer.Policies(problem.Space.Choices, problem.Space.Groups);
        var few = new FewProbes(problem.Space.Choices, problem.Space.Groups);
        return [few.Widest, .. few.First.Select(few.PolicyOf)];
    }

    // What is known already is read like what is measured: the answer does not depend on which of both it is.
    private static bool AreFew(SearchProblem problem, IPolicyEvaluator prober) => problem.Objective == SearchObjective.Accuracy
        && (problem.Sensitivity is { } known ? known.Method is "probe" or "sqnr" : ScorerOf(problem, prober) is ProbeScorer);

    private static ISensitivityScorer ScorerOf(SearchProblem problem, IPolicyEvaluator prober) => problem.Scorer?.Invoke(prober) ?? new ProbeScorer(prober);

    /// <summary>The knapsack's policy for a budget that is known to be affordable. An exponent below 1 makes great scores count less against the sum of many small ones.</summary>
    public KnapsackSolution Solve(Budget budget, double exponent = 1) =>
        new PolicyKnapsack(_problem.Space, _problem.Costs, budget, (layer, bits) => exponent == 1 ? Table.Of(layer, bits) : Math.Pow(Table.Of(layer, bits), exponent)).Solve()
        ?? throw new InvalidOperationException("the budget was found affordable before");
}
