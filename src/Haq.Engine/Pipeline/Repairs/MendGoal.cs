using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Quantization;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Repairs;

/// <summary>What a mended network has to keep: every output close to float's, and the accuracy that was asked for.</summary>
/// <param name="quantizer">What gives every policy its numbers.</param>
/// <param name="check">Compares outputs.</param>
/// <param name="limit">What accuracy is measured on, and how many points may be lost; null for no limit.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed class MendGoal(PostTrainingQuantizer quantizer, OutputCheck check, (EvaluationSet Set, double Points, Quality Quality)? limit, CancellationToken cancellation)
{
    /// <summary>What outputs are brought to, so that they are not far again on other samples.</summary>
    private const double Comfortable = 0.994;

    private const double StandardErrors = 3;

    /// <summary>The cosine of the worst output.</summary>
    public double Cosine(Policy policy, bool quick = false) => check.Worst(quantizer.Quantize(policy), quick).Cosine;

    /// <summary>Outputs are close with something to spare, and the accuracy is kept.</summary>
    public bool IsMet(Policy policy) => Cosine(policy) >= Comfortable && KeepsAccuracy(policy);

    /// <summary>Outputs are close, and the accuracy is kept.</summary>
    public bool IsNearlyMet(Policy policy) => Cosine(policy) >= AgreementFacts.Close && KeepsAccuracy(policy);

    /// <summary>No more is lost than may be, within three standard errors of the difference in pairs.</summary>
    public bool KeepsAccuracy(Policy policy) => limit is not var (_, points, _) || Lost(policy) is not var (drop, error) || drop - StandardErrors * error <= points;

    /// <summary>Percentage points below float, with one standard error; null where there is no limit.</summary>
    public (double Points, double Error)? Lost(Policy policy)
    {
        if (limit is not var (set, _, quality)) return null;
        var samples = new MeasuredEvaluator(quantizer, set).Samples(quantizer.Quantize(policy), cancellation);
        var score = set.Summarize(samples);
        double error = quality.Read(score) is { } read ? Metrics.DifferenceError(samples, set.FloatSamples.AsSpan(), read.PerSample()) ?? 0 : 0;
        return (quality.Of(set.Float) - quality.Of(score), error);
    }
}
