namespace Haq.Engine.Reporting.Facts;

/// <summary>Run time on the machine that built, in ONNX Runtime: no prediction for the hardware, and different every time.</summary>
public sealed record RunTimeFacts
{
    /// <summary>Median, float model.</summary>
    public required double FloatMsPerImage { get; init; }

    /// <summary>Median, exported model.</summary>
    public required double QuantizedMsPerImage { get; init; }

    /// <summary>Half the distance between the quartiles, float model.</summary>
    public double? FloatSpreadMs { get; init; }

    /// <summary>Half the distance between the quartiles, exported model.</summary>
    public double? QuantizedSpreadMs { get; init; }

    /// <summary>ONNX Runtime's intra-op threads.</summary>
    public required int Threads { get; init; }

    /// <summary>Images per run.</summary>
    public required int Batch { get; init; }

    /// <summary>Timed runs of each model.</summary>
    public required int Runs { get; init; }
}
