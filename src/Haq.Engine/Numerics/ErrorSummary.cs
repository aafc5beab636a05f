namespace Haq.Engine.Numerics;

/// <summary>How far off predictions are from what they predict. Errors are relative: predicted over true, less 1.</summary>
/// <param name="Count">Number of predictions.</param>
/// <param name="Median">The median of the absolute errors.</param>
/// <param name="NineInTen">Their 0.9 quantile.</param>
/// <param name="Largest">The largest of them.</param>
/// <param name="Bias">The mean of the errors with their signs: above 0 where predictions are too large.</param>
/// <param name="RankCorrelation">Spearman's rank correlation of predicted and true figures; NaN where it has no meaning.</param>
public sealed record ErrorSummary(int Count, double Median, double NineInTen, double Largest, double Bias, double RankCorrelation)
{
    /// <summary>Compares figures pair by pair.</summary>
    /// <param name="predicted">What was predicted.</param>
    /// <param name="actual">What it is; above 0.</param>
    /// <exception cref="ArgumentException">The lists are empty, or differ in length.</exception>
    public static ErrorSummary Of(ReadOnlySpan<double> predicted, ReadOnlySpan<double> actual)
    {
        if (predicted.Length != actual.Length || predicted.IsEmpty) throw new ArgumentException($"{predicted.Length} predictions of {actual.Length} figures", nameof(predicted));
        double[] errors = new double[predicted.Length];
        double sum = 0;
        for (int i = 0; i < errors.Length; i++)
        {
            double error = predicted[i] / actual[i] - 1;
            sum += error;
            errors[i] = Math.Abs(error);
        }
        return new ErrorSummary(
            errors.Length, Quantile(errors, 0.5), Quantile(errors, 0.9), Quantile(errors, 1), sum / errors.Length, Numerics.RankCorrelation.Spearman(predicted, actual));
    }

    /// <summary>A quantile, in proportion between neighbours (Hyndman and Fan's type 7).</summary>
    /// <param name="values">In any order; not empty.</param>
    /// <param name="share">From 0, the least, to 1, the greatest.</param>
    public static double Quantile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        double at = share * (sorted.Length - 1);
        int below = (int)at, above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
    }
}
