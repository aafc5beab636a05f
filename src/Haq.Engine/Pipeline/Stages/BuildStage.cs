using System.Collections.Immutable;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Regions;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Makes a whole result in one folder: model, report, policy and lock file.</summary>
internal static class BuildStage
{
    public static void Run(Workspace workspace, OutputNames names, LockFile? locked, string folder, string lockPath)
    {
        // The budget is checked before any data is read.
        _ = workspace.Pricing;
        var outcome = locked is null
            ? workspace.Timed("search", () => SearchStage.Run(workspace, best => KeepInterrupted(workspace, names, best)))
            : FromLock(workspace, locked);
        RegionStage.WarnOfOtherMachine(workspace, locked);
        bool withData = locked is null || !workspace.Inputs.IsDataMissing;
        var quantized = withData || (workspace.IsCalibrated && ReconstructStage.IsKnown(workspace, workspace.Quantizer.Quantize(outcome.Policy)))
            ? workspace.Quantize(outcome.Policy)
            : LockedQuantizer.Quantize(workspace, locked!, outcome.Policy);
        quantized = RegionStage.Place(workspace, outcome, quantized);
        LayerDamage.WarnOfAccumulators(workspace, quantized);
        string modelPath = Path.Combine(folder, names.Model);
        var tuned = withData ? workspace.Timed("finetune", () => FinetuneStage.Run(workspace, quantized)) : null;
        var exported = workspace.Timed("export", () => Export(workspace, tuned?.Model ?? quantized, modelPath));
        string digest = ModelFiles.Digest(modelPath);
        if (workspace.Model.Float.IsLarge) NativeRoom.Make();
        if (locked is not null && digest != locked.Output) throw NotReproduced(workspace, names, locked, digest);
        var report = workspace.Timed("report", () => withData
            ? ReportStage.Measure(workspace, outcome, quantized, tuned, exported, modelPath)
            : ReportStage.WithoutData(workspace, outcome, modelPath, locked!));
        report = report with { Timings = (report.Timings ?? new TimingFacts()) with { Stages = [.. workspace.Times.Select(t => new StageTimeFacts { Stage = t.Stage, Seconds = t.Elapsed.TotalSeconds })] } };
        File.WriteAllText(Path.Combine(folder, names.Json), JsonReport.Write(report), new UTF8Encoding(false));
        File.WriteAllText(Path.Combine(folder, names.Html), HtmlReport.Write(report), new UTF8Encoding(false));
        File.WriteAllBytes(Path.Combine(folder, names.Policy), PolicyFileOf(workspace, outcome.Policy).ToBytes());
        LockStage.Of(workspace, outcome, tuned?.Model ?? quantized, report, digest).Write(lockPath);
    }

    internal static PolicyFile PolicyFileOf(Workspace workspace, Policy policy) =>
        PolicyFile.Of(policy, workspace.Model.Items, workspace.ModelDigest, workspace.Target.Name);

    /// <summary>Writes the file and returns the form of it that ONNX Runtime runs, which computes the same.</summary>
    private static OnnxModel Export(Workspace workspace, QuantizedModel quantized, string path)
    {
        workspace.Report("export", $"writing {Path.GetFileName(path)}");
        var runnable = QdqExporter.Export(quantized);
        if (workspace.Manifest.Format == ExportFormat.Qonnx) QonnxExporter.Export(quantized).Save(path);
        else runnable.Save(path);
        return runnable;
    }

    internal static SearchOutcome FromLock(Workspace workspace, LockFile locked)
    {
        var layers = workspace.Model.Items;
        if (!locked.Policy.Select(l => l.Name).SequenceEqual(layers.Select(l => l.Name), StringComparer.Ordinal))
            throw DiagnosticCatalog.LockUnreadable.Error(workspace.Options.Manifest, "haq.lock.json names other layers than the model has. Delete it and build again.");
        return new SearchOutcome
        {
            Strategy = locked.Search.Strategy,
            Bits = [.. locked.Policy.SelectMany(l => new[] { l.Weights, l.Activations })],
            Evaluated = locked.Search.Evaluated,
            Completed = locked.Search.Completed,
            EndedIn = locked.Search.EndedIn,
            Regions = locked.Regions,
        };
    }

    private static HaqException NotReproduced(Workspace workspace, OutputNames names, LockFile locked, string digest) =>
        DiagnosticCatalog.LockOutOfDate.Error(workspace.Options.Manifest,
            $"what {Path.GetFileName(names.Lock)} describes cannot be made again here: the model's SHA-256 is {digest[..12]}…, the lock file says {locked.Output[..Math.Min(12, locked.Output.Length)]}…. "
            + "Delete the lock file and build again.");

    private static void KeepInterrupted(Workspace workspace, OutputNames names, Policy best)
    {
        string path = Path.Combine(names.Folder, names.Policy);
        AtomicFile.Write(path, PolicyFileOf(workspace, best).ToBytes());
        workspace.Report("search", $"interrupted; the best policy so far is in {path}");
    }
}
