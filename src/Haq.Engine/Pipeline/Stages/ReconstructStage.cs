using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Manifest;
using Haq.Engine.Quantization;
using Haq.Engine.Reporting;
using Haq.Engine.Training.Reconstruction;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Learns the rounding of low-bit layers block by block where the manifest asks for it, or takes the result from the cache.</summary>
internal static class ReconstructStage
{
    private const string NumbersName = "layers.bin", WarningsName = "warnings.txt";

    /// <summary>The network with learned rounding; the same where nothing is to be learned.</summary>
    public static QuantizedModel Run(Workspace workspace, QuantizedModel start)
    {
        if (!Applies(workspace, start)) return start;
        string folder = workspace.Options.Cache.GetOrCreate(KeyOf(workspace, start), dir => Write(workspace, start, dir), () => workspace.Report("wait", "waiting for another build of the same model"), workspace.Cancellation);
        foreach (string message in File.ReadAllLines(Path.Combine(folder, WarningsName)))
            workspace.Warn(DiagnosticCatalog.BlockNotReconstructed.At(new SourceLocation(workspace.Model.Float.Name), message));
        using var stream = File.OpenRead(Path.Combine(folder, NumbersName));
        return QuantizedLayerFile.Read(start, stream);
    }

    /// <summary>The result is in the cache, or nothing is to be learned: no data is needed.</summary>
    public static bool IsKnown(Workspace workspace, QuantizedModel start) => !Applies(workspace, start) || workspace.Options.Cache.Find(KeyOf(workspace, start)) is not null;

    private static bool Applies(Workspace workspace, QuantizedModel start) =>
        workspace.Manifest.Quantization.Rounding == RoundingMethod.Block && start.Layers.Any(l => BlockReconstruction.Learns(l, new ReconstructionOptions()));

    private static void Write(Workspace workspace, QuantizedModel start, string folder)
    {
        var data = workspace.Data.Calibration;
        workspace.Report("reconstruct", "learning the rounding of low-bit layers, block by block", 0);
        var progress = new Relay<(int Done, int All)>(at => workspace.Report(
            "reconstruct", string.Create(CultureInfo.InvariantCulture, $"block {at.Done + 1} of {at.All}"), (double)at.Done / at.All));
        var options = new ReconstructionOptions { Seed = (ulong)workspace.Seed, Threads = workspace.Options.Threads };
        var result = BlockReconstruction.Run(workspace.Quantizer.Model, start, data, options, progress, workspace.Cancellation);
        File.WriteAllLines(Path.Combine(folder, WarningsName), result.Warnings.Select(w => w.Message));
        using var stream = File.Create(Path.Combine(folder, NumbersName));
        QuantizedLayerFile.Write(result.Model, stream);
    }

    private static StageKey KeyOf(Workspace workspace, QuantizedModel start)
    {
        using var key = new StageKeyBuilder("reconstruct", StageVersions.Reconstruct);
        key.Add(workspace.CalibrationKey).Add("policy", start.Policy.Digest).Add("quantization", SettingsDigest.Of(workspace.Manifest.Quantization));
        key.Add("data", SettingsDigest.OfData(workspace)).Add("seed", workspace.Seed.ToString(CultureInfo.InvariantCulture));
        return key.Add("threads", workspace.Options.Threads.ToString(CultureInfo.InvariantCulture)).Build();
    }
}
