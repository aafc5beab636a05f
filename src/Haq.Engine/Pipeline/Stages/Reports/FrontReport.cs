using System.Collections.Immutable;
using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>The trade-off curve in the report's form.</summary>
internal static class FrontReport
{
    /// <summary>A few points of the curve, measured on images that no choice was made on; empty where there are no scores, or measuring takes too long for a build.</summary>
    public static ImmutableArray<ParetoFacts> Of(SearchTask task, SearchOutcome outcome, IPolicyEvaluator evaluator, int samples, MeasuringTime time, LeftOut left, StageScope scope)
    {
        int points = SearchEffort.FrontPoints(task.Model.Value.Survey.Macs, samples);
        if (outcome.Scores is not { } scores || points == 0) return [];
        if (time.IsOver)
        {
            left.Add("the trade-off curve");
            return [];
        }
        scope.Report($"measuring the trade-off curve at {points} policies");
        bool stopped = false;
        var front = new ParetoFront(task.Problem()).Measure(evaluator, scores.ToTable(), points, () => stopped = time.IsOver, scope.Cancellation);
        if (stopped) left.Add("a part of the trade-off curve");
        return Facts(task.Pricing.Value.Costs, front, outcome.Policy);
    }

    /// <summary>Measured points as facts, with <paramref name="chosen"/> marked among them.</summary>
    public static ImmutableArray<ParetoFacts> Facts(CostTable costs, IEnumerable<FrontPoint> front, Policy chosen)
    {
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
