using System.Text.Json.Serialization;

namespace Haq.Engine.Evaluation;

/// <summary>How well a network does on held-out data. Percentages are 0..100; null where unknown (no labels, or not a classifier).</summary>
/// <param name="Top1">Share of images whose best class is the label.</param>
/// <param name="Top5">Share of images whose label is among the best five.</param>
/// <param name="Agreement">Share of images whose best class is the float model's.</param>
/// <param name="Loss">Damage without labels, lower is better: mean KL divergence from the float model's output in nats (softmax of the logits).</param>
/// <param name="Cosine">Mean cosine similarity with the float model's output, for networks that are not classifiers.</param>
/// <param name="SqnrDecibels">Signal to quantization-noise ratio of the output against the float model's.</param>
/// <param name="Samples">Number of images.</param>
public sealed record PolicyScore(double? Top1, double? Top5, double? Agreement, double Loss, double? Cosine, double? SqnrDecibels, int Samples)
{
    /// <summary>Measuring ended before all samples were seen, because the policy had lost against another one: the figures are of those seen, and it is no answer of a search.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool StoppedEarly { get; init; }

    /// <summary>Of a race that was run to its end: the standard error, over batches of samples, of how far the loss is from the other policy's. Null where nothing raced.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RaceError { get; init; }
}
