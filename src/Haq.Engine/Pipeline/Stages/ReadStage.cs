using System.Security.Cryptography;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Regions;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Reads what the manifest names.</summary>
internal static class ReadStage
{
    public static ReadResult Run(PipelineOptions options, InputLedger inputs)
    {
        inputs.Watch(options.Manifest);
        var manifest = ManifestReader.Read(options.Manifest, Strategies.Names);
        bool isOverridden = options.Format is { } format && format != manifest.Format;
        if (isOverridden) manifest = manifest with { Format = options.Format!.Value };
        BuiltFeatures.Require(manifest);
        FormatLimits.Check(manifest);
        SharedWeights.Check(manifest);
        SearchMeasuring.Check(manifest);
        var target = ReadHardware(options, manifest);
        if (target.Files.Length > 0)
        {
            // Which files a hardware file names is known once it is read; what counts is what they hold while they are watched.
            foreach (string file in target.Files) inputs.Watch(file);
            target = ReadHardware(options, manifest);
        }
        inputs.Watch(manifest.Model.FullPath);
        if (!File.Exists(manifest.Model.FullPath))
            throw DiagnosticCatalog.InputMissing.Error(manifest.Model.At, $"there is no model '{manifest.Model.Text}' (looked for {manifest.Model.FullPath}). Name an ONNX file, relative to the manifest.");
        inputs.Add("manifest", manifest.File, TextDigest(manifest.File), isFile: true);
        var model = OnnxModel.Load(manifest.Model.FullPath);
        string digest = ModelFiles.Record(inputs, model, manifest.Model.FullPath);
        inputs.Add("hardware", manifest.Hardware.File ?? target.Name, target.Digest, isFile: manifest.Hardware.File is not null);
        if (manifest.Search.Agent is { } agent && options.Agent is null)
        {
            inputs.Watch(agent.FullPath);
            if (File.Exists(agent.FullPath)) inputs.Add("agent", agent.FullPath, inputs.DigestOf(agent.FullPath), isFile: true);
        }
        foreach (var (role, set) in new[] { ("calibration", manifest.Data.Calibration), ("search", manifest.Data.Search), ("evaluation", manifest.Data.Evaluation), ("training", manifest.Data.Training) })
            if (set is not null) inputs.Add($"data.{role}", set);
        return new ReadResult(manifest, target, inputs, model, digest, isOverridden);
    }

    private static HardwareTarget ReadHardware(PipelineOptions options, HaqManifest manifest) => options.Hardware is { } other
        ? HardwareCatalog.Load(other, Directory.GetCurrentDirectory())
        : HardwareCatalog.Load(manifest.Hardware.Name, manifest.Folder, manifest.Hardware.At);

    public static QuantizableModel Prepare(Workspace workspace)
    {
        workspace.Report("read", $"reading {Path.GetFileName(workspace.Manifest.Model.FullPath)}");
        return Prepare(workspace, workspace.Manifest.Quantization);
    }

    /// <summary>The model prepared with other settings than the manifest's.</summary>
    public static QuantizableModel Prepare(Workspace workspace, QuantizationSettings settings) => QuantizableModel.Prepare(workspace.Source, OptionsOf(workspace, settings));

    /// <summary>How the model is prepared.</summary>
    internal static PreparationOptions OptionsOf(Workspace workspace, QuantizationSettings settings)
    {
        var manifest = workspace.Manifest;
        bool junctions = settings.Junctions switch
        {
            JunctionMode.Integer => true,
            JunctionMode.Float => false,
            _ => workspace.Target.NeedsIntegers && !SharedWeights.IsAsked(manifest),
        };
        // What is timed on a processor keeps real numbers wherever its kernels do.
        bool tensors = junctions && settings.Junctions == JunctionMode.Auto && !workspace.Target.IsBatchFixed && !workspace.Target.NeedsMeasuring && manifest.Format == ExportFormat.Qdq;
        return new PreparationOptions
        {
            InputShapes = manifest.Inputs.Where(i => i.Shape is not null)
                .ToDictionary(i => i.Name, i => i.Shape!.Value.Select(extent => (long)extent).ToArray(), StringComparer.Ordinal),
            Leave = name => manifest.SettingsOf(name) is { Skip: true },
            FoldBatchNorm = settings.FoldBatchNorm,
            Equalize = settings.Equalize,
            Junctions = junctions && !tensors,
            Tensors = tensors,
            Tables = settings.Embeddings,
            Blocks = settings.Block > 0,
            Regions = RegionStage.IsAsked(manifest, workspace.Target),
            Sample = () => FirstSample.Of(workspace),
            Opset = manifest.Format == ExportFormat.Qonnx ? QonnxExporter.Opset : QdqExporter.Opset,
        };
    }

    // A checkout on Windows may have other line ends; that is no change.
    private static string TextDigest(string file) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(File.ReadAllText(file).ReplaceLineEndings("\n"))));
}
