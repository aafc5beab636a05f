using System.Globalization;

namespace Haq.Benchmarks.Reproduction.Figures;

/// <summary>The same figure of several seeds.</summary>
/// <param name="Mean">Their mean.</param>
/// <param name="StandardError">Standard deviation (over n − 1) by the root of n; null for a single seed.</param>
/// <param name="Count">How many seeds.</param>
internal readonly record struct Spread(double Mean, double? StandardError, int Count)
{
    /// <summary>Null where there are no values.</summary>
    public static Spread? Of(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0) return null;
        double mean = values.Average();
        return new Spread(mean, values.Count > 1 ? Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1) / values.Count) : null, values.Count);
    }

    /// <summary>Mean ± standard error, and of how many where it is one seed only.</summary>
    public string Text(string format) => StandardError is { } error
        ? string.Create(CultureInfo.InvariantCulture, $"{Mean.ToString(format, CultureInfo.InvariantCulture)} ± {error.ToString(format, CultureInfo.InvariantCulture)}")
        : Mean.ToString(format, CultureInfo.InvariantCulture);
}
