using System.Diagnostics;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Numerics;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Exploring;

/// <summary>Holds every way of scoring against measurements of the same policies.</summary>
internal sealed class ScorerComparison(Workspace workspace)
{
    private const int Policies = 40;
    private const double MovedShare = 0.2;

    private static readonly SensitivityMethod[] s_methods = [SensitivityMethod.Probe, SensitivityMethod.Sqnr, SensitivityMethod.Fisher, SensitivityMethod.Local];

    private readonly QuantizationPipeline _stages = workspace.Stages;

    private IPolicyEvaluator Evaluator => _stages.Candidates.Value.Evaluator;

    private CancellationToken Cancellation => workspace.Run.Cancellation;

    public IReadOnlyList<ComparedScorer> Run()
    {
        var found = s_methods.Select(Score).OfType<Scored>().ToArray();
        var random = new SeededRandom((ulong)workspace.Seed).Fork("ranked policies");
        var space = workspace.Pricing.Space;
        var anywhere = Measured("random policies", Enumerable.Range(0, Policies).Select(_ => RandomPolicies.Anywhere(space, random)));
        var near = Measured("policies near the solutions", Enumerable.Range(0, Policies).Select(i => RandomPolicies.Near(space, found[i % found.Length].Best, MovedShare, random)));
        return
        [
            .. found.Select(f => new ComparedScorer(
                f.Table.Method, Rank(f.Table, anywhere), Rank(f.Table, near), f.Best, Evaluator.Evaluate(f.Best, Cancellation),
                new MeasuredEvaluator(workspace.Quantizer, workspace.ReportedSet).Evaluate(f.Best, Cancellation), f.Time)),
        ];
    }

    // Null where the scores cannot be had for this network.
    private Scored? Score(SensitivityMethod method)
    {
        workspace.Run.Report("score", $"scoring every choice by itself ({method.ToString().ToLowerInvariant()})");
        var space = workspace.Pricing.Space;
        var clock = Stopwatch.StartNew();
        try
        {
            var measured = _stages.Candidates.Value;
            var table = _stages.ScorerBy(method).Value(measured.Probes ?? measured.Evaluator).Score(space.Choices, space.Groups, Cancellation);
            var time = clock.Elapsed;
            return new Scored(table, ParetoFront.Best(_stages.Task.Problem(), table), time);
        }
        catch (HaqException e) when (method == SensitivityMethod.Fisher)
        {
            workspace.Run.Report("score", e.Message);
            return null;
        }
    }

    private (Policy Policy, double Loss)[] Measured(string what, IEnumerable<Policy> policies)
    {
        var measured = new List<(Policy, double)>();
        foreach (var policy in policies.Distinct().ToArray())
        {
            workspace.Run.Report("measure", $"{what}: {measured.Count + 1}", (double)measured.Count / Policies);
            measured.Add((policy, Evaluator.Evaluate(policy, Cancellation).Loss));
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
