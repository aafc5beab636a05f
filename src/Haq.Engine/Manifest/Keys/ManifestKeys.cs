using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Search;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest.Keys;

/// <summary>The top level of haq.yaml.</summary>
internal static class ManifestKeys
{
    public static readonly Key<FileReference?> Model = new("model", new(v => v.AsFile(), Kinds.Text.Schema, Kinds.File.Form), null, "model.onnx", "the ONNX model to quantize", required: true);

    public static readonly Key<FileReference?> Output = new("output", new(v => v.AsFile(), Kinds.Text.Schema, Kinds.File.Form), null, "model.haq.onnx",
        "where the quantized model goes; by default MODEL.haq.onnx beside the manifest");

    public static readonly Key<ExportFormat> Format = new("format", Kinds.OneOf<ExportFormat>(), ExportFormat.Qdq, "qdq", "qdq for stock ONNX Runtime, qonnx for FINN and hls4ml");

    public static readonly Key<HardwareSettings?> Hardware = new("hardware", HardwareKeys.Kind, null, "bismo-edge",
        "a built-in target (haq hardware list), or the path of a hardware file; {name, threads, batch} for one that is measured", required: true);

    public static readonly Key<Located<string>?> Target = new("target", Kinds.Optional(Kinds.LocatedText), null, "onnxruntime",
        "the toolchain that the file is written for (haq target list), or the path of a target file; by default the hardware's own, or onnxruntime", advanced: true);

    public static readonly Key<BudgetSettings> Budget = new("budget", BudgetKeys.Kind, new(null, null, null, null, null), null, "what may be spent", group: BudgetKeys.Group);

    public static readonly Key<SearchObjective> Objective = new("objective", Kinds.OneOf<SearchObjective>(), SearchObjective.Accuracy, "accuracy", "what to make best within the budget");

    public static readonly Key<GateMode> Gate = new("gate", Kinds.OneOf<GateMode>(), GateMode.Error, "error",
        "what a build does where accuracy is below 'accuracy-drop' or the float model at chance level: error | warning");

    public static readonly Key<DatasetSources> Data = new("data", DataKeys.Kind, DataKeys.Nothing, null, "the data sets; without labels, agreement with the float model counts", group: DataKeys.Group);

    public static readonly Key<ImmutableArray<InputOptions>> Inputs = new("inputs", InputKeys.Kind, [], "{image: [1, 3, 224, 224]}",
        "shapes that the graph leaves open, and which array feeds which input");

    public static readonly Key<ImmutableArray<LayerSettings>> Layers = new("layers", LayerKeys.Kind, [], "{\"head*\": {weights: 8, activations: 8}}",
        "single layers by name or glob; the last entry that matches decides");

    public static readonly Key<BitsSettings> Bits = new("bits", BitsKeys.Kind, BitsKeys.All, "{weights: 2..8, activations: 2..8}", "the widths to choose from");

    public static readonly Key<MetricSettings> Metric = new("metric", MetricKeys.Kind, MetricKeys.Default, "top1", "what is measured; by default top1 with labels, agreement without");

    public static readonly Key<SearchSettings?> Search = new("search", SearchKeys.Kind!, null, null, "how the bits are chosen", group: SearchKeys.Group);

    public static readonly Key<QuantizationSettings> Quantization = new("quantization", QuantizationKeys.Kind, QuantizationKeys.Default, null,
        "the steps of post-training quantization", group: QuantizationKeys.Group);

    public static readonly Key<FinetuneSettings?> Finetune = new("finetune", FinetuneKeys.Kind, null, null, "train the quantized network; absent, it is not trained", group: FinetuneKeys.Group);

    public static readonly KeyGroup Group = new(
        Model, Output, Format, Hardware, Target, Budget, Objective, Gate, Data, Inputs, Layers, Bits, Metric, Search, Quantization, Finetune);
}
