namespace Haq.Engine.Evaluation;

/// <summary>How much less often one network is right than another on the same samples. The samples that both get right or both get wrong add nothing to the error.</summary>
/// <param name="Points">Mean difference in percentage points; negative where the first is worse.</param>
/// <param name="StandardError">One standard error of the mean, in percentage points.</param>
/// <param name="Samples">Number of samples.</param>
public readonly record struct PairedDifference(double Points, double StandardError, int Samples)
{
    /// <summary>The difference in top-1 of <paramref name="network"/> from <paramref name="reference"/>, sample by sample.</summary>
    /// <exception cref="ArgumentException">They are not of the same samples.</exception>
    public static PairedDifference OfTop1(ReadOnlySpan<SampleScore> network, ReadOnlySpan<SampleScore> reference)
    {
        if (network.Length != reference.Length || network.IsEmpty) throw new ArgumentException($"{network.Length} and {reference.Length} samples cannot be paired", nameof(reference));
        int n = network.Length, won = 0, lost = 0;
        for (int i = 0; i < n; i++)
        {
            if (network[i].Top1 && !reference[i].Top1) won++;
            if (!network[i].Top1 && reference[i].Top1) lost++;
        }
        return new PairedDifference(100.0 * (won - lost) / n, Metrics.DifferenceError(network, reference, s => s.Top1 ? 1 : 0) ?? 0, n);
    }
}
