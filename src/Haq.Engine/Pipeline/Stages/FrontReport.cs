using System.Collections.Immutable;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>The trade-off curve in the report's form.</summary>
internal static class FrontReport
{
    /// <summary>A few points of the curve, measured on images that no choice was made on; empty where there are no scores, or measuring takes too long for a build.</summary>
    public static ImmutableArray<ParetoFacts> Of(Workspace workspace, SearchOutcome outcome, IPolicyEvaluator evaluator)
    {
        int points = SearchEffort.FrontPoints(workspace.Model.Survey.Macs, workspace.ReportedSet.Count);
        if (outcome.Scores is not { } scores || points == 0) return [];
        workspace.Report("report", $"measuring the trade-off curve at {points} policies");
        return Facts(workspace, new ParetoFront(SearchStage.ProblemOf(workspace)).Measure(evaluator, scores.ToTable(), points, workspace.Cancellation), outcome.Policy);
    }

    /// <summary>Measured points as facts, with <paramref name="chosen"/> marked among them.</summary>
    public static ImmutableArray<ParetoFacts> Facts(Workspace workspace, IEnumerable<FrontPoint> front, Policy chosen)
    {
        var costs = workspace.Pricing.Costs;
        return
        [
            .. front.Select(p => new ParetoFacts
            {
                Name = p.Name,
                Cost = CostFacts.Of(costs.PriceWhole(p.Policy), costs.Batch),
                PredictedDamage = double.IsNaN(p.PredictedLoss) ? null : p.PredictedLoss,
                Quantized = AccuracyFacts.Of(p.Score),
                Uniform = p.IsUniform,
                Chosen = p.Policy.Equals(chosen),
            }),
        ];
    }
}
