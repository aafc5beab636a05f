using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Haq.Engine.Search.Regions;

namespace Haq.Engine.Pipeline.Results;

/// <summary>What a search over plans found, in the form that the cache and the lock file keep.</summary>
public sealed record RegionRecord
{
    /// <summary>The plan, a character per unit.</summary>
    public required string Plan { get; init; }

    /// <summary>Why it is this one.</summary>
    public required string Verdict { get; init; }

    /// <summary>Timings told nothing: the next build measures again.</summary>
    [JsonIgnore]
    public bool IsUndecided => Verdict == nameof(RegionVerdict.TooNoisy);

    /// <summary>The float network as it was read, milliseconds a run.</summary>
    public required double FloatMs { get; init; }

    /// <summary>The file.</summary>
    public required double QuantizedMs { get; init; }

    /// <summary>Everything in 8 bits.</summary>
    public required double UniformInt8Ms { get; init; }

    /// <summary>The file's time over float's: the median of neighbouring runs.</summary>
    public required double Ratio { get; init; }

    /// <summary>Lower end of its 95 % interval.</summary>
    public required double RatioLow { get; init; }

    /// <summary>Upper end.</summary>
    public required double RatioHigh { get; init; }

    /// <summary>What the costs of operators and borders say that the file takes.</summary>
    public required double PredictedMs { get; init; }

    /// <summary>Files that were measured on the way.</summary>
    public required int Files { get; init; }

    /// <summary>Operators in integers.</summary>
    public required int Integers { get; init; }

    /// <summary>Operators that could be.</summary>
    public required int Operators { get; init; }

    /// <summary>Threads of a session.</summary>
    public required int Threads { get; init; }

    /// <summary>Samples of a run.</summary>
    public required int Batch { get; init; }

    /// <summary>The processor that it was measured on.</summary>
    public required string Processor { get; init; }

    /// <summary>Its instruction sets that matter.</summary>
    public required string InstructionSets { get; init; }

    /// <summary>The version of ONNX Runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>What became of each layer, by index; empty where an older engine decided.</summary>
    public ImmutableArray<RegionLayer> Layers { get; init; } = [];
}

/// <summary>What a plan made of a layer.</summary>
/// <param name="Form">A character, as in the plan.</param>
/// <param name="Region">The number of its region of integers, from 1; 0 for none.</param>
/// <param name="PredictedMs">What its costs said before the file was measured; null where nothing was known yet.</param>
/// <param name="MeasuredMs">What it takes in the file.</param>
/// <param name="FloatMs">What it takes in the float file.</param>
public sealed record RegionLayer(string Form, int Region, double? PredictedMs, double MeasuredMs, double FloatMs);
