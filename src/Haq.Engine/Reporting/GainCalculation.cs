using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting;

/// <summary>Derives the headline from a report's figures.</summary>
internal static class GainCalculation
{
    // Budgets are resolved in floating point: a policy that meets one exactly must not fail by a rounding.
    private const double Slack = 1 + 1e-9;

    public static GainFacts Of(ReportModel report)
    {
        var cost = report.Cost;
        var eight = report.CostAt8Bit;
        var measuredAt8 = report.Baselines.FirstOrDefault(b => b is { Bits: 8, Activations: null })?.Quantized;
        var metric = AccuracyMetric.For(report);
        var uniform = BestUniform(report, metric);
        return new GainFacts
        {
            LatencyVs8Bit = Ratio(cost.LatencyMs, eight.LatencyMs),
            EnergyVs8Bit = cost.EnergyMj is { } energy && eight.EnergyMj is { } energyAt8 ? Ratio(energy, energyAt8) : null,
            SizeVs8Bit = Ratio(cost.SizeBytes, eight.SizeBytes),
            SizeVsFloat = Ratio(cost.SizeBytes, report.Model.FloatBytes),
            FileVsFloat = report.FileBytes is { } own && report.FloatFileBytes is { } before ? Ratio(own, before) : null,
            EffectiveBits = Ratio(report.Layers.Sum(l => (double)l.WeightCount * l.Chosen.Weights), report.Layers.Sum(l => (double)l.WeightCount)),
            AccuracyMetric = metric?.Name,
            AccuracyVsFloat = -metric?.Lost(report),
            AccuracyVs8Bit = Points(metric, report.Delivered, measuredAt8),
            Uniform = uniform?.Name,
            AccuracyVsUniform = Points(metric, report.Delivered, uniform?.Quantized),
            UniformStandardError = uniform?.StandardError,
            LatencyVsUniform = uniform is null ? null : Ratio(cost.LatencyMs, uniform.Cost.LatencyMs),
            SizeVsUniform = uniform is null ? null : Ratio(cost.SizeBytes, uniform.Cost.SizeBytes),
        };
    }

    // What a search has to beat: the most accurate of the uniform policies that keep the budget.
    private static BaselineFacts? BestUniform(ReportModel report, AccuracyMetric? metric)
    {
        var budget = report.Budget;
        if (report.Search is null || report.Finetuned is not null || (budget.LatencyMs ?? budget.EnergyMj ?? budget.SizeBytes) is null) return null;
        return report.Baselines
            .Where(b => !(b.Cost.LatencyMs > budget.LatencyMs * Slack) && !(b.Cost.EnergyMj > budget.EnergyMj * Slack) && !(b.Cost.SizeBytes > budget.SizeBytes * Slack))
            .MaxBy(b => b.Quantized is { } quantized ? metric?.Of(quantized) : null);
    }

    private static double? Points(AccuracyMetric? metric, AccuracyFacts? own, AccuracyFacts? other) => metric is null || own is null || other is null ? null : metric.Of(own) - metric.Of(other);

    private static double? Ratio(double value, double reference) => reference > 0 ? value / reference : null;
}
