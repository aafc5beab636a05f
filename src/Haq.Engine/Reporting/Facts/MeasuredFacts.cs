using System.Collections.Immutable;

namespace Haq.Engine.Reporting.Facts;

/// <summary>
/// What whole files took on the machine that built, one run each in turn in one process: the float model as it was read, the file, and everything in 8 bits. Only where the target is measured.
/// </summary>
public sealed record MeasuredFacts
{
    /// <summary>Median of the float model, milliseconds a run.</summary>
    public required double FloatMs { get; init; }

    /// <summary>Median of the file.</summary>
    public required double QuantizedMs { get; init; }

    /// <summary>Median with everything in 8 bits.</summary>
    public required double UniformInt8Ms { get; init; }

    /// <summary>What operators and borders add up to, as they were measured by ONNX Runtime's profiler.</summary>
    public required double PredictedMs { get; init; }

    /// <summary>The file's time over the float model's: median over rounds.</summary>
    public required double Ratio { get; init; }

    /// <summary>Lower end of the ratio's 95 % interval.</summary>
    public required double RatioLow { get; init; }

    /// <summary>Upper end.</summary>
    public required double RatioHigh { get; init; }

    /// <summary>Threads of a session.</summary>
    public required int Threads { get; init; }

    /// <summary>Samples of a run.</summary>
    public required int Batch { get; init; }

    /// <summary>The processor.</summary>
    public required string Processor { get; init; }

    /// <summary>Its instruction sets that ONNX Runtime has kernels for.</summary>
    public string InstructionSets { get; init; } = "";

    /// <summary>The version of ONNX Runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>Operators that are computed in integers.</summary>
    public int Integers { get; init; }

    /// <summary>Operators that can be.</summary>
    public int Operators { get; init; }

    /// <summary>The files that were measured on the way, in order.</summary>
    public ImmutableArray<MeasuredFileFacts> Files { get; init; } = [];
}
