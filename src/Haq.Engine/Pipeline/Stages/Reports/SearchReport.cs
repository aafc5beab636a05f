using System.Collections.Immutable;
using Haq.Engine.Numerics;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>How the policy was found, in the report's form.</summary>
internal static class SearchReport
{
    private const int FewestRanked = 8;

    public static SearchFacts? Of(SearchOutcome outcome, int seed)
    {
        if (outcome.Evaluated == 0) return null;
        bool accuracy = Strategies.Find(outcome.Strategy)?.Reward == SearchReward.Accuracy;
        bool labels = accuracy && outcome.Trials.Any(t => t.Top1 is not null);
        bool classes = labels || (accuracy && outcome.Trials.Any(t => t.Agreement is not null));
        return new SearchFacts
        {
            Strategy = outcome.Strategy,
            Seed = (ulong)seed,
            Metric = labels ? "top1" : classes ? "agreement" : "loss",
            HigherIsBetter = classes,
            Evaluated = outcome.Evaluated,
            Completed = outcome.Completed,
            Samples = outcome.Score?.Samples,
            Uniform = outcome.Uniform,
            PredictedDamage = outcome.PredictedLoss,
            MeasuredDamage = outcome.Score?.Loss,
            OptimalityGap = outcome.OptimalityGap,
            ScoredBy = outcome.Scores?.Method,
            RankCorrelation = Correlation(outcome.Trials),
            Progress = Points(outcome.Trials, labels, classes),
        };
    }

    // Of every policy once: strategies come back to some of them.
    private static double? Correlation(ImmutableArray<SearchTrial> trials)
    {
        var pairs = trials.Where(t => t.Predicted is not null).Select(t => (t.Predicted!.Value, t.Loss)).Distinct().ToArray();
        if (pairs.Length < FewestRanked) return null;
        double correlation = RankCorrelation.Spearman([.. pairs.Select(p => p.Value)], [.. pairs.Select(p => p.Loss)]);
        return double.IsNaN(correlation) ? null : correlation;
    }

    private static ImmutableArray<SearchPoint> Points(ImmutableArray<SearchTrial> trials, bool labels, bool classes)
    {
        var points = ImmutableArray.CreateBuilder<SearchPoint>(trials.Length);
        double best = double.NaN;
        foreach (var trial in trials)
        {
            double score = (labels ? trial.Top1 : classes ? trial.Agreement : null) ?? trial.Loss;
            if (trial.IsIncumbent || double.IsNaN(best)) best = score;
            points.Add(new SearchPoint { Number = trial.Number, Score = score, Best = best, LatencyMs = trial.LatencyMs, EnergyMj = trial.EnergyMj,
                SizeBytes = trial.SizeBytes, Predicted = trial.Predicted });
        }
        return points.MoveToImmutable();
    }
}
