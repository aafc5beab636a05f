namespace Haq.Engine.Manifest;

/// <summary>What a network's quality is measured by.</summary>
public enum MetricKind
{
    /// <summary>Share of samples whose best class is the label.</summary>
    Top1,

    /// <summary>Share of samples whose label is among the best five classes.</summary>
    Top5,

    /// <summary>Share of samples whose best class is the float model's: needs no labels.</summary>
    Agreement,

    /// <summary>Cosine similarity with the float model's output, for networks that are not classifiers.</summary>
    Cosine,

    /// <summary>Signal to quantization noise of the output, in decibels.</summary>
    Sqnr,
}
