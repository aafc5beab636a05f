using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting;

/// <summary>Derives the headline from a report's figures.</summary>
internal static class GainCalculation
{
    public static GainFacts Of(ReportModel report)
    {
        var cost = report.Cost;
        var eight = report.CostAt8Bit;
        var measuredAt8 = report.Baselines.FirstOrDefault(b => b.Bits == 8)?.Quantized;
        bool labels = report.Delivered?.Top1 is not null && report.Float?.Top1 is not null;
        double? delivered = labels ? report.Delivered?.Top1 : report.Delivered?.Agreement;
        // The float model agrees with itself, so agreement is measured against 100 %.
        double? original = labels ? report.Float?.Top1 : delivered is null ? null : 100;
        return new GainFacts
        {
            LatencyVs8Bit = Ratio(cost.LatencyMs, eight.LatencyMs),
            EnergyVs8Bit = cost.EnergyMj is { } energy && eight.EnergyMj is { } energyAt8 ? Ratio(energy, energyAt8) : null,
            SizeVs8Bit = Ratio(cost.SizeBytes, eight.SizeBytes),
            SizeVsFloat = Ratio(cost.SizeBytes, report.Model.FloatBytes),
            EffectiveBits = Ratio(report.Layers.Sum(l => (double)l.WeightCount * l.Chosen.Weights), report.Layers.Sum(l => (double)l.WeightCount)),
            AccuracyMetric = delivered is null ? null : labels ? "top1" : "agreement",
            AccuracyVsFloat = delivered - original,
            AccuracyVs8Bit = delivered - (labels ? measuredAt8?.Top1 : measuredAt8?.Agreement),
        };
    }

    private static double? Ratio(double value, double reference) => reference > 0 ? value / reference : null;
}
