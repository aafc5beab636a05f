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
        return quality.Read(score) switch
        {
            Quality.Top1 => score.Top1!.Value,
            Quality.Top5 => score.Top5!.Value,
            Quality.Cosine => 100 * score.Cosine!.Value,
            Quality.Sqnr => Math.Min(score.SqnrDecibels!.Value, MostDecibels),
            Quality.Agreement => score.Agreement!.Value,
            _ => -score.Loss,
        };
    }

    /// <summary>The figure that is read: this one where the score has it, otherwise agreement, or cosine; null where it has none of them.</summary>
    public static Quality? Read(this Quality quality, PolicyScore score)
    {
        ArgumentNullException.ThrowIfNull(score);
        double? wanted = quality switch
        {
            Quality.Top1 => score.Top1,
            Quality.Top5 => score.Top5,
            Quality.Cosine => score.Cosine,
            Quality.Sqnr => score.SqnrDecibels,
            _ => score.Agreement,
        };
        return wanted is not null ? quality : score.Agreement is not null ? Quality.Agreement : score.Cosine is not null ? Quality.Cosine : null;
    }

    /// <summary>What a sample adds to the figure, 0..1; the cosine where the figure is no mean over samples.</summary>
    public static Func<SampleScore, double> PerSample(this Quality quality) => quality switch
    {
        Quality.Top1 => s => s.Top1 ? 1 : 0,
        Quality.Top5 => s => s.Top5 ? 1 : 0,
        Quality.Agreement => s => s.Agrees ? 1 : 0,
        _ => s => s.Cosine,
    };
}
