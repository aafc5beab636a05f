using System.Globalization;

namespace Haq.Engine.Evaluation.Timing;

/// <summary>How a model did in a <see cref="FileRace"/>.</summary>
/// <param name="Seconds">The median of its runs.</param>
/// <param name="Ratio">The median, over rounds, of its time over that of the model it is compared with.</param>
/// <param name="Low">The ratio is above this, at 95 % confidence.</param>
/// <param name="High">The ratio is below this, at 95 % confidence.</param>
/// <param name="Rounds">Rounds.</param>
internal readonly record struct RaceResult(double Seconds, double Ratio, double Low, double High, int Rounds)
{
    /// <summary>The figures of readings, paired with those of the model that is compared with.</summary>
    public static RaceResult Of(IReadOnlyList<double> seconds, IReadOnlyList<double> reference)
    {
        double[] sorted = [.. seconds.Order()], ratios = [.. seconds.Zip(reference, (a, b) => a / b).Order()];
        int n = ratios.Length;
        // Order statistics: the median lies between these with 95 % (normal form of the binomial; Conover, Practical Nonparametric Statistics, 3.2).
        double half = 0.98 * Math.Sqrt(n);
        int low = Math.Max(0, (int)Math.Floor(n / 2.0 - half)), high = Math.Min(n - 1, (int)Math.Ceiling(n / 2.0 + half) - 1);
        return new RaceResult(sorted[n / 2], ratios[n / 2], ratios[low], ratios[high], n);
    }

    /// <summary>More rounds would not change what follows: the ratio is known within half the margin, or it is known on which side of 1 it is and nothing else is asked.</summary>
    public bool IsSettled(double margin, bool forSign = false) => High - Low <= margin * Ratio || (forSign && (High < 1 - margin || Low > 1));

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Ratio:0.000}x ({Low:0.000}..{High:0.000}, {Seconds * 1e3:0.000} ms)");
}
