namespace Haq.Engine.Evaluation;

/// <summary>What one sample says about a network. Kept per sample so that two networks can be compared in pairs.</summary>
/// <param name="Top1">The best class is the label.</param>
/// <param name="Top5">The label is among the best five.</param>
/// <param name="Agrees">The best class is the float model's.</param>
/// <param name="Divergence">KL divergence from the float model's distribution, in nats; 0 where there are no classes.</param>
/// <param name="Cosine">Cosine similarity with the float model's output.</param>
/// <param name="Signal">Sum of squares of the float model's output.</param>
/// <param name="Noise">Sum of squares of the difference.</param>
/// <param name="IsCompared">There was something to compare; otherwise the sample counts in no mean.</param>
public readonly record struct SampleScore(bool Top1, bool Top5, bool Agrees, double Divergence, double Cosine, double Signal, double Noise, bool IsCompared = true)
{
    /// <summary>Where several outputs were compared, each one's cosine, NaN for one that has nothing to compare; null for a single output.</summary>
    public double[]? Cosines { get; init; }

    /// <summary>The outputs hold no values, for example detections of an empty image.</summary>
    public static SampleScore Empty { get; } = new(false, false, false, 0, 1, 0, 0, IsCompared: false);

    /// <summary>The outputs have other extents, because each network picked rows by its own values: no number of one belongs to a number of the other.</summary>
    public static SampleScore OtherExtents { get; } = new(false, false, false, 0, 0, 0, 1, IsCompared: false);
}
