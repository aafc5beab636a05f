using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting;

/// <summary>
/// Every fact of one build. The JSON report is this record, the page and the summaries are pictures of it. Immutable.
/// Parts that a run did not produce are null or empty.
/// </summary>
public sealed record ReportModel
{
    /// <summary>The version of the JSON form that this engine writes and reads.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The version of the JSON form; readers refuse a later one.</summary>
    public required int Schema { get; init; }

    /// <summary>The engine's version.</summary>
    public required string Engine { get; init; }

    /// <summary>The float model.</summary>
    public required ModelFacts Model { get; init; }

    /// <summary>The target.</summary>
    public required HardwareFacts Hardware { get; init; }

    /// <summary>What was made best within the budget: <c>accuracy</c>, <c>latency</c>, <c>energy</c> or <c>size</c>.</summary>
    public required string Objective { get; init; }

    /// <summary>What the manifest asks to be measured: <c>top1</c>, <c>top5</c>, <c>agreement</c>, <c>cosine</c> or <c>sqnr</c>; null where it leaves that open.</summary>
    public string? Metric { get; init; }

    /// <summary>What may be spent.</summary>
    public required BudgetFacts Budget { get; init; }

    /// <summary>Which images the accuracies were measured on, for example <c>1000 images of evaluation that no choice was made on</c>; null without data.</summary>
    public string? EvaluatedOn { get; init; }

    /// <summary>The float model's accuracy.</summary>
    public AccuracyFacts? Float { get; init; }

    /// <summary>The quantized model's accuracy before any training.</summary>
    public AccuracyFacts? Quantized { get; init; }

    /// <summary>The accuracy after fine-tuning; null where there was none.</summary>
    public AccuracyFacts? Finetuned { get; init; }

    /// <summary>Standard error of the paired difference to the float model in top-1 (agreement without labels), in percentage points; null where unknown.</summary>
    public double? AccuracyStandardError { get; init; }

    /// <summary>The headline, derived from the figures below.</summary>
    public GainFacts Gain => GainCalculation.Of(this);

    /// <summary>How much of all activations has which width, ascending; empty where that is not known.</summary>
    public ImmutableArray<WidthShareFacts> ActivationShares => Reporting.ActivationShares.Of(Layers);

    /// <summary>What who runs the file must know of its widths; null where there is nothing.</summary>
    public string? Note => Reporting.ActivationShares.NoteOf(Layers);

    /// <summary>SHA-256 of the chosen policy.</summary>
    public required string PolicyDigest { get; init; }

    /// <summary>What the chosen policy costs.</summary>
    public required CostFacts Cost { get; init; }

    /// <summary>All layers at 8 bit, pinned ones included: what budgets written as factors refer to.</summary>
    public required CostFacts CostAt8Bit { get; init; }

    /// <summary>Uniform policies beside the chosen one.</summary>
    public ImmutableArray<BaselineFacts> Baselines { get; init; } = [];

    /// <summary>What was left out because of the network's size or the report's time, and how to have it; null where nothing was.</summary>
    public string? NotMeasured { get; init; }

    /// <summary>By index.</summary>
    public required ImmutableArray<LayerFacts> Layers { get; init; }

    /// <summary>Null where the policy was given.</summary>
    public SearchFacts? Search { get; init; }

    /// <summary>The trade-off curve; empty where it was not computed.</summary>
    public ImmutableArray<ParetoFacts> Pareto { get; init; } = [];

    /// <summary>Post-training steps in order, each with what it gained.</summary>
    public ImmutableArray<StepFacts> Steps { get; init; } = [];

    /// <summary>Null where nothing was trained.</summary>
    public FineTuneFacts? Finetune { get; init; }

    /// <summary>Null where the exported model was not run.</summary>
    public OutputDifferenceFacts? OutputDifference { get; init; }

    /// <summary>The output furthest from float; null where none was looked at.</summary>
    public AgreementFacts? Agreement { get; init; }

    /// <summary>What was left wider than the choice of bits had it; null where nothing was.</summary>
    public MendingFacts? Mending { get; init; }

    /// <summary>The best candidates as whole files on the device; null where none was measured there.</summary>
    public DeviceFacts? Device { get; init; }

    /// <summary>Files read and written.</summary>
    public ImmutableArray<FileFacts> Files { get; init; } = [];

    /// <summary>Bytes of the quantized model's file; null where unknown.</summary>
    [JsonIgnore]
    public long? FileBytes => Files.FirstOrDefault(f => f.Role == FileFacts.QuantizedModel)?.Bytes;

    /// <summary>Bytes of the float model's file; null where unknown.</summary>
    [JsonIgnore]
    public long? FloatFileBytes => Files.FirstOrDefault(f => f.Role == FileFacts.FloatModel)?.Bytes;

    /// <summary>Nodes with weights that stay in float.</summary>
    public ImmutableArray<UnquantizedFacts> Unquantized { get; init; } = [];

    /// <summary>In the order they were given.</summary>
    public ImmutableArray<WarningFacts> Warnings { get; init; } = [];

    /// <summary>Whole files against the float model; null where the target is not measured.</summary>
    public MeasuredFacts? Measured { get; init; }

    /// <summary>Everything that differs from run to run; null where it was left out.</summary>
    public TimingFacts? Timings { get; init; }

    /// <summary>The accuracy of the model that was exported.</summary>
    [JsonIgnore]
    public AccuracyFacts? Delivered => Finetuned ?? Quantized;

    /// <summary>The same without <see cref="Timings"/> and <see cref="Measured"/>: equal inputs give equal bytes.</summary>
    public ReportModel WithoutTimings() => this with { Timings = null, Measured = null };
}
