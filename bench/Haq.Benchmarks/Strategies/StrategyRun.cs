namespace Haq.Benchmarks.Strategies;

/// <summary>One policy that one strategy chose in one cell of the comparison, and what it does on images that no search saw.</summary>
/// <param name="Hardware">The target.</param>
/// <param name="Budget">Share of the latency at 8 bit.</param>
/// <param name="Seed">Of the search, its images and its calibration.</param>
/// <param name="Strategy">Its name; <c>w6a5</c> and the like for uniform policies.</param>
/// <param name="Seconds">The search alone, scores included, from an empty cache.</param>
/// <param name="Evaluated">Different policies measured.</param>
/// <param name="Latency">Share of the latency at 8 bit that the policy takes.</param>
/// <param name="SearchedLoss">Mean KL divergence on the search images.</param>
/// <param name="Loss">The same on the unseen images.</param>
/// <param name="Correct">A bit per unseen image: its best class is the label. Base64.</param>
/// <param name="Images">How many there are.</param>
/// <param name="Bits">The policy.</param>
internal sealed record StrategyRun(
    string Hardware, double Budget, int Seed, string Strategy, double Seconds, int Evaluated, double Latency, double SearchedLoss, double Loss, string Correct, int Images, string Bits)
{
    /// <summary>Which images are classified correctly.</summary>
    public bool[] Hits() => Unpack(Correct, Images);

    /// <summary>Unpacks the hits of <paramref name="images"/> images.</summary>
    public static bool[] Unpack(string packed, int images)
    {
        byte[] bits = Convert.FromBase64String(packed);
        return [.. Enumerable.Range(0, images).Select(i => (bits[i / 8] >> (i % 8) & 1) == 1)];
    }

    /// <summary>Packs hits.</summary>
    public static string Pack(ReadOnlySpan<bool> hits)
    {
        byte[] bits = new byte[(hits.Length + 7) / 8];
        for (int i = 0; i < hits.Length; i++)
            if (hits[i]) bits[i / 8] |= (byte)(1 << (i % 8));
        return Convert.ToBase64String(bits);
    }
}
