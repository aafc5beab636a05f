using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Matrix;

/// <summary>One manifest for one target, as the summary of a matrix shows it. What differs from run to run, such as how long it took to build, is not in it.</summary>
public sealed record MatrixCellFacts
{
    /// <summary>The manifest, relative to the folder that all have in common, with forward slashes.</summary>
    public required string Manifest { get; init; }

    /// <summary>The target's name.</summary>
    public required string Target { get; init; }

    /// <summary><c>ok</c>, <c>gate-broken</c>, <c>failed</c>, <c>interrupted</c> or <c>not-started</c>.</summary>
    public required string State { get; init; }

    /// <summary>File name of the float model; null where nothing was built.</summary>
    public string? Model { get; init; }

    /// <summary>What accuracy is: <c>top1</c>, <c>top5</c>, <c>agreement</c> or <c>cosine</c>.</summary>
    public string? Metric { get; init; }

    /// <summary>Which samples accuracies are of; no choice was made on them.</summary>
    public string? EvaluatedOn { get; init; }

    /// <summary>The float model's accuracy.</summary>
    public AccuracyFacts? Float { get; init; }

    /// <summary>The accuracy before any training.</summary>
    public AccuracyFacts? Quantized { get; init; }

    /// <summary>The accuracy after fine-tuning; null where there was none.</summary>
    public AccuracyFacts? Finetuned { get; init; }

    /// <summary>Percentage points against float; negative is a loss.</summary>
    public double? AccuracyVsFloat { get; init; }

    /// <summary>One standard error of that.</summary>
    public double? AccuracyStandardError { get; init; }

    /// <summary>What may be spent.</summary>
    public BudgetFacts? Budget { get; init; }

    /// <summary>Milliseconds for the target's batch: measured where the target is, else simulated.</summary>
    public double? LatencyMs { get; init; }

    /// <summary>Millijoules for the target's batch.</summary>
    public double? EnergyMj { get; init; }

    /// <summary>Bytes of parameters as the target stores them.</summary>
    public double? SizeBytes { get; init; }

    /// <summary>Bytes of the quantized model's file.</summary>
    public double? FileBytes { get; init; }

    /// <summary>Bytes of the float model's file.</summary>
    public double? FloatFileBytes { get; init; }

    /// <summary>The file's time over the float model's on the machine that built, where the target is measured there; null for others, whose run times decide nothing.</summary>
    public double? TimeVsFloat { get; init; }

    /// <summary>The page about it, relative to the summary; null where there is none.</summary>
    public string? Report { get; init; }

    /// <summary>The quantized model, relative to the summary.</summary>
    public string? Output { get; init; }

    /// <summary>Why it failed, or which gates are broken.</summary>
    public ImmutableArray<WarningFacts> Errors { get; init; } = [];

    /// <summary>In the order they were given.</summary>
    public ImmutableArray<WarningFacts> Warnings { get; init; } = [];

    /// <summary>The accuracy of the model that was exported.</summary>
    [JsonIgnore]
    public AccuracyFacts? Delivered => Finetuned ?? Quantized;

    /// <summary>The same with the figures of its build.</summary>
    public MatrixCellFacts With(ReportModel report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return this with
        {
            Model = report.Model.File,
            Metric = report.Gain.AccuracyMetric,
            EvaluatedOn = report.EvaluatedOn,
            Float = report.Float,
            Quantized = report.Quantized,
            Finetuned = report.Finetuned,
            AccuracyVsFloat = report.Gain.AccuracyVsFloat,
            AccuracyStandardError = report.AccuracyStandardError,
            Budget = report.Budget,
            LatencyMs = report.Device?.MeasuredMs ?? report.Measured?.QuantizedMs ?? report.Cost.LatencyMs,
            EnergyMj = report.Cost.EnergyMj,
            SizeBytes = report.Cost.SizeBytes,
            FileBytes = report.FileBytes,
            FloatFileBytes = report.FloatFileBytes,
            TimeVsFloat = report.Measured?.Ratio,
        };
    }

    /// <summary>It was built, whatever its gate says.</summary>
    [JsonIgnore]
    public bool IsBuilt => State is MatrixStates.Ok or MatrixStates.GateBroken;
}
