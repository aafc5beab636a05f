using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Search;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest;

/// <summary>A haq.yaml: what to quantize, for which hardware, within which budget, on which data. Immutable; every path is absolute.</summary>
/// <param name="File">The manifest itself, as it was named.</param>
/// <param name="Model">The ONNX model.</param>
/// <param name="Output">Where the quantized model goes.</param>
/// <param name="Format">How it is written.</param>
/// <param name="Hardware">What it will run on.</param>
/// <param name="Budget">What may be spent.</param>
/// <param name="Objective">What to make best.</param>
/// <param name="Data">The data sets.</param>
/// <param name="Layers">What is said about single layers, in the order written: the last entry that names a layer decides.</param>
/// <param name="Bits">The widths that the others may take.</param>
/// <param name="Inputs">What is said about the model's inputs.</param>
/// <param name="Metric">What is measured.</param>
/// <param name="Search">How the bits are chosen.</param>
/// <param name="Quantization">The steps of post-training quantization.</param>
/// <param name="Finetune">Training afterwards; null for none.</param>
public sealed record HaqManifest(
    string File, FileReference Model, string Output, ExportFormat Format, HardwareSettings Hardware, BudgetSettings Budget, SearchObjective Objective, DatasetSources Data,
    ImmutableArray<LayerSettings> Layers, BitsSettings Bits, ImmutableArray<InputOptions> Inputs, MetricSettings Metric, SearchSettings Search,
    QuantizationSettings Quantization, FinetuneSettings? Finetune)
{
    /// <summary>What is done about a result that cannot be what was meant.</summary>
    public GateMode Gate { get; init; }

    /// <summary>The toolchain that the file is written for: a built-in target or the path of a target file; null for the hardware's own.</summary>
    public Located<string>? Target { get; init; }

    /// <summary>The folder that relative paths start from.</summary>
    public string Folder => Path.GetDirectoryName(Path.GetFullPath(File))!;

    /// <summary>The entry that decides about a layer, or null when it is free.</summary>
    public LayerSettings? SettingsOf(string layer) => Layers.LastOrDefault(entry => entry.Matches(layer));
}
