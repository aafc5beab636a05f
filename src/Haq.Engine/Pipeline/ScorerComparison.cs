using System.Diagnostics;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Numerics;
using Haq.Engine.Pipeline.Stages;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline;

/// <summary>Holds every way of scoring against measurements of the same policies.</summary>
internal sealed class ScorerComparison(Workspace workspace, SearchMeasuring measuring)
{
    private const int Policies = 40;
    private const double MovedShare = 0.2;

    private static readonly SensitivityMethod[] s_methods = [SensitivityMethod.Probe, SensitivityMethod.Sqnr, SensitivityMethod.Fisher, SensitivityMethod.Local];

    public IReadOnlyList<ComparedScorer> Run()
    {
        var found = s_methods.Select(Score).OfType<Scored>().ToArray();
        var random = workspace.Random.Fork("ranked policies");
        var space = workspace.Pricing.Space;
        var anywhere = Measured("random policies", Enumerable.Range(0, Policies).Select(_ => RandomPolicies.Anywhere(space, random)));
        var near = Measured("policies near the solutions", Enumerable.Range(0, Policies).Select(i => RandomPolicies.Near(space, found[i % found.Length].Best, MovedShare, random)));
        return
        [
            .. found.Select(f => new ComparedScorer(
                f.Table.Method, Rank(f.Table, anywhere), Rank(f.Table, near), f.Best, measuring.Evaluator.Evaluate(f.Best, workspace.Cancellation),
                new MeasuredEvaluator(workspace.Quantizer, workspace.ReportedSet).Evaluate(f.Best, workspace.Cancellation), f.Time)),
        ];
    }

    // Null where the scores cannot be had for this network.
    private Scored? Score(SensitivityMethod method)
    {
        workspace.Report("score", $"scoring every choice by itself ({method.ToString().ToLowerInvariant()})");
        var space = workspace.Pricing.Space;
        var clock = Stopwatch.StartNew();
        try
        {
            var table = ScoreStage.ScorerOf(workspace, measuring, method)(measuring.Probes ?? measuring.Evaluator).Score(space.Choices, space.Groups, workspace.Cancellation);
            var time = clock.Elapsed;
            return new Scored(table, ParetoFront.Best(SearchStage.ProblemOf(workspace), table), time);
        }
        catch (HaqException e) when (method == SensitivityMethod.Fisher)
        {
            workspace.Report("score", e.Message);
            return null;
        }
    }

    private (Policy Policy, double Loss)[] Measured(string what, IEnumerable<Policy> policies)
    {
        var measured = new List<(Policy, double)>();
        foreach (var policy in policies.Distinct().ToArray())
        {
            workspace.Report("measure", $"{what}: {measured.Count + 1}", (double)measured.Count / Policies);
            measured.Add((policy, measuring.Evaluator.Evaluate(policy, workspace.Cancellation).Loss));
        }
        return [.. measured];
    }

    private static double? Rank(SensitivityTable table, (Policy Policy, double Loss)[] measured)
    {
        double rank = RankCorrelation.Spearman([.. measured.Select(m => table.Predict(m.Policy))], [.. measured.Select(m => m.Loss)]);
        return double.IsNaN(rank) ? null : rank;
    }

    private sealed record Scored(SensitivityTable Table, Policy Best, TimeSpan Time);
}
