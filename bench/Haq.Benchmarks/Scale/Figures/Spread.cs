using System.Globalization;

namespace Haq.Benchmarks.Scale.Figures;

/// <summary>What several rounds gave, in one line.</summary>
internal static class Spread
{
    /// <summary>The middle of the values; the mean of the two in the middle where their number is even.</summary>
    public static double Median(IReadOnlyList<double> values) => (values.Order().ElementAt((values.Count - 1) / 2) + values.Order().ElementAt(values.Count / 2)) / 2;

    /// <summary>The median, and the least and the greatest in brackets.</summary>
    public static string Of(IReadOnlyList<double> values, string format = "0.00")
    {
        return $"{Said(Median(values))} ({Said(values.Min())} .. {Said(values.Max())})";

        string Said(double value) => value.ToString(format, CultureInfo.InvariantCulture);
    }
}
