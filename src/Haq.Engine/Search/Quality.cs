using Haq.Engine.Evaluation;

namespace Haq.Engine.Search;

/// <summary>One figure of a score, higher is better.</summary>
public enum Quality
{
    /// <summary>Share of images whose best class is the label, in percent; agreement with the float model where there are no labels.</summary>
    Top1,

    /// <summary>Share of images whose label is among the best five, in percent.</summary>
    Top5,

    /// <summary>Share of images whose best class is the float model's, in percent.</summary>
    Agreement,

    /// <summary>Mean cosine similarity with the float model's output, in percent.</summary>
    Cosine,

    /// <summary>Signal to quantization-noise ratio of the output, in decibels.</summary>
    Sqnr,
}

/// <summary>Reads a <see cref="Quality"/> off a score.</summary>
public static class QualityReading
{
    // The ratio of an exact output is infinite; beyond this no difference matters, and rewards must stay finite.
    private const double MostDecibels = 120;

    /// <summary>The figure; where the score lacks it, the next best that it has, and at last its negative loss.</summary>
    public static double Of(this Quality quality, PolicyScore score)
    {
        ArgumentNullException.ThrowIfNull(score);
        double? wanted = quality switch
        {
            Quality.Top1 => score.Top1,
            Quality.Top5 => score.Top5,
            Quality.Cosine => 100 * score.Cosine,
            Quality.Sqnr => score.SqnrDecibels is { } decibels ? Math.Min(decibels, MostDecibels) : null,
            _ => score.Agreement,
        };
        return wanted ?? score.Agreement ?? 100 * score.Cosine ?? -score.Loss;
    }

    /// <summary>What a sample adds to the figure, 0..1; by <paramref name="hasLabels"/> top-1 or agreement where the figure is no mean over samples or was not measured.</summary>
    public static Func<SampleScore, double> PerSample(this Quality quality, bool hasLabels) => quality switch
    {
        Quality.Cosine => s => s.Cosine,
        Quality.Top5 when hasLabels => s => s.Top5 ? 1 : 0,
        Quality.Agreement => s => s.Agrees ? 1 : 0,
        _ when hasLabels => s => s.Top1 ? 1 : 0,
        _ => s => s.Agrees ? 1 : 0,
    };
}
