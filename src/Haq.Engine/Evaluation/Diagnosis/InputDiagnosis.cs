using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;

namespace Haq.Engine.Evaluation.Diagnosis;

/// <summary>The distribution of what a layer reads beside the range that its quantizer represents.</summary>
/// <param name="Min">Least value seen.</param>
/// <param name="Max">Greatest value seen.</param>
/// <param name="Low">Least value represented.</param>
/// <param name="High">Greatest value represented.</param>
/// <param name="Saturation">Share of the values outside of what is represented, 0..1.</param>
/// <param name="OutlierRatio">The greatest magnitude seen over the one that 99.9 % of the values keep to.</param>
/// <param name="Zeros">Share of exact zeros, 0..1.</param>
public sealed record InputDiagnosis(float Min, float Max, float Low, float High, double Saturation, double OutlierRatio, double Zeros)
{
    private const double Bulk = 0.999;

    /// <summary>From what calibration saw.</summary>
    public static InputDiagnosis Of(StreamedHistogram seen, Quantizer quantizer)
    {
        ArgumentNullException.ThrowIfNull(seen);
        long outside = 0;
        // Half a scale beyond the ends still rounds to them.
        float low = quantizer.Lowest - quantizer.Scale / 2, high = quantizer.Highest + quantizer.Scale / 2;
        foreach (var (value, count) in seen.Points())
            if (value < low || value > high) outside += count;
        double bulk = Math.Max(-(double)seen.Percentile(1 - Bulk), seen.Percentile(Bulk)), greatest = Math.Max(-(double)seen.Min, seen.Max);
        return new InputDiagnosis(
            seen.Min, seen.Max, quantizer.Lowest, quantizer.Highest, seen.Count == 0 ? 0 : (double)outside / seen.Count, bulk > 0 ? greatest / bulk
                : 1, seen.Count == 0 ? 0 : (double)seen.Zeros / seen.Count);
    }
}
