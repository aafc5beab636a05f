namespace Haq.Engine.Reporting.Facts;

/// <summary>One epoch of fine-tuning.</summary>
public sealed record EpochFacts
{
    /// <summary>Counts from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Mean training loss.</summary>
    public required double TrainingLoss { get; init; }

    /// <summary>Figures on the search set after it; null where not measured.</summary>
    public AccuracyFacts? Validation { get; init; }

    /// <summary>The highest of its steps.</summary>
    public double? LearningRate { get; init; }

    /// <summary>How often it was begun again, at half the rate, because training diverged.</summary>
    public int Retries { get; init; }
}
