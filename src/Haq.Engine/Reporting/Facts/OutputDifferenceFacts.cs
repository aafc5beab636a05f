namespace Haq.Engine.Reporting.Facts;

/// <summary>How far the exported model's outputs are from the float model's, both run in ONNX Runtime.</summary>
public sealed record OutputDifferenceFacts
{
    /// <summary>Largest absolute difference of any output value.</summary>
    public required double MaxAbsolute { get; init; }

    /// <summary>Mean absolute difference.</summary>
    public required double MeanAbsolute { get; init; }

    /// <summary>Signal to noise in decibels; null where the outputs are equal.</summary>
    public double? SqnrDb { get; init; }

    /// <summary>Images compared.</summary>
    public required int Samples { get; init; }
}
