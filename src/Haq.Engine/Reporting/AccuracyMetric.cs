using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting;

/// <summary>
/// The figure that losses of accuracy are counted in: what the manifest's <c>metric</c> names; by default top-1 where there are labels, agreement where there are none, and cosine where there
/// are no classes.
/// </summary>
/// <param name="Name">In the report: <c>top1</c>, <c>top5</c>, <c>agreement</c> or <c>cosine</c>.</param>
/// <param name="Title">In sentences.</param>
/// <param name="Of">Percent of a network; null where it was not measured.</param>
/// <param name="FloatHas">The float model's own is measured; otherwise it is 100 %, as it agrees with itself.</param>
internal sealed record AccuracyMetric(string Name, string Title, Func<AccuracyFacts, double?> Of, bool FloatHas)
{
    private static readonly AccuracyMetric s_top1 = new("top1", "top-1", a => a.Top1, FloatHas: true);
    private static readonly AccuracyMetric s_top5 = new("top5", "top-5", a => a.Top5, FloatHas: true);
    private static readonly AccuracyMetric s_agreement = new("agreement", "agreement with float", a => a.Agreement, FloatHas: false);
    private static readonly AccuracyMetric s_cosine = new("cosine", "cosine to float", a => 100 * a.Cosine, FloatHas: false);

    /// <summary>The metric of a report; null where none was measured.</summary>
    public static AccuracyMetric? For(ReportModel report)
    {
        AccuracyMetric asked = report.Metric switch { "top5" => s_top5, "agreement" => s_agreement, "cosine" => s_cosine, _ => s_top1 };
        return ((AccuracyMetric[])[asked, s_agreement, s_cosine]).FirstOrDefault(m => m.Lost(report) is not null);
    }

    /// <summary>The metric that was called so.</summary>
    public static AccuracyMetric? Named(string? name) => ((AccuracyMetric[])[s_top1, s_top5, s_agreement, s_cosine]).FirstOrDefault(m => m.Name == name);

    /// <summary>Percentage points that the delivered network lost against float; null where that is not known.</summary>
    public double? Lost(ReportModel report) => report.Delivered is not { } own ? null : (FloatHas ? report.Float is { } before ? Of(before) : null : 100) - Of(own);
}
