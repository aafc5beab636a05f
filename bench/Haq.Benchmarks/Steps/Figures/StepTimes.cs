namespace Haq.Benchmarks.Steps.Figures;

/// <summary>Milliseconds of a step.</summary>
/// <param name="Median">The median over the rounds of each round's median.</param>
/// <param name="Least">The smallest median of a round.</param>
/// <param name="Greatest">The greatest.</param>
/// <param name="Fastest">The fastest single step of all rounds: what is left when other work is not in the way.</param>
internal sealed record StepTimes(double Median, double Least, double Greatest, double Fastest)
{
    /// <summary>From the median and the fastest step of each round.</summary>
    public static StepTimes Of(IReadOnlyList<(double Median, double Fastest)> rounds)
    {
        double[] medians = [.. rounds.Select(r => r.Median).Order()];
        return new StepTimes(Rounded(medians[medians.Length / 2]), Rounded(medians[0]), Rounded(medians[^1]), Rounded(rounds.Min(r => r.Fastest)));
    }

    private static double Rounded(double milliseconds) => Math.Round(milliseconds, 3);
}
