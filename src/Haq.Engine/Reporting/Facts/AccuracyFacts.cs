using Haq.Engine.Evaluation;

namespace Haq.Engine.Reporting.Facts;

/// <summary>How well one network does. Shares are in percent, 0..100; absent where unknown.</summary>
public sealed record AccuracyFacts
{
    /// <summary>Percent of images whose best class is the label.</summary>
    public double? Top1 { get; init; }

    /// <summary>Percent of images whose label is among the best five.</summary>
    public double? Top5 { get; init; }

    /// <summary>Percent of images whose best class is the float model's.</summary>
    public double? Agreement { get; init; }

    /// <summary>Mean KL divergence from the float model's output, in nats; lower is better.</summary>
    public double? Loss { get; init; }

    /// <summary>Mean cosine similarity with the float model's output, -1..1.</summary>
    public double? Cosine { get; init; }

    /// <summary>Signal to quantization-noise ratio of the output, in decibels.</summary>
    public double? SqnrDb { get; init; }

    /// <summary>Number of images.</summary>
    public required int Samples { get; init; }

    /// <summary>The evaluator's figures.</summary>
    public static AccuracyFacts Of(PolicyScore score)
    {
        ArgumentNullException.ThrowIfNull(score);
        return new AccuracyFacts
        {
            Top1 = score.Top1,
            Top5 = score.Top5,
            Agreement = score.Agreement,
            Loss = score.Loss,
            Cosine = score.Cosine,
            SqnrDb = score.SqnrDecibels,
            Samples = score.Samples,
        };
    }
}
