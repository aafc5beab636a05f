using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Training.Reconstruction;

namespace Haq.Engine.Pipeline.Stages.Reconstructing;

/// <param name="Start">The network as it is without learned rounding.</param>
/// <param name="Quantizer">Holds the float network that is learned from.</param>
/// <param name="Data">The samples.</param>
/// <param name="Options">How.</param>
internal sealed record ReconstructInputs(Handle<QuantizedModel> Start, Handle<PostTrainingQuantizer> Quantizer, Handle<IDataset> Data, ReconstructionOptions Options);

/// <summary>A network whose rounding was learned.</summary>
/// <param name="Model">The network.</param>
/// <param name="Warnings">Blocks that were left as they were.</param>
internal sealed record Reconstructed(QuantizedModel Model, IReadOnlyList<string> Warnings);

/// <summary>Learns the rounding of low-bit layers block by block.</summary>
internal sealed class ReconstructStage : CachedStage<ReconstructInputs, Reconstructed>
{
    private const string NumbersName = "layers.bin", WarningsName = "warnings.txt";

    public override string Name => "reconstruct";

    public override int Version => StageVersions.Reconstruct;

    /// <summary>There is a layer whose rounding would be learned.</summary>
    public static bool Learns(QuantizedModel start) => start.Layers.Any(l => BlockReconstruction.Learns(l, new ReconstructionOptions()));

    public override Reconstructed Run(ReconstructInputs inputs, StageScope scope)
    {
        var data = inputs.Data.Value;
        scope.Report("learning the rounding of low-bit layers, block by block", 0);
        var progress = new Relay<(int Done, int All)>(at => scope.Report(string.Create(CultureInfo.InvariantCulture, $"block {at.Done + 1} of {at.All}"), (double)at.Done / at.All));
        var result = BlockReconstruction.Run(inputs.Quantizer.Value.Model, inputs.Start.Value, data, inputs.Options, progress, scope.Cancellation);
        return new Reconstructed(result.Model, [.. result.Warnings.Select(w => w.Message)]);
    }

    public override void Write(Reconstructed result, string folder)
    {
        File.WriteAllLines(Path.Combine(folder, WarningsName), result.Warnings);
        using var stream = File.Create(Path.Combine(folder, NumbersName));
        QuantizedLayerFile.Write(result.Model, stream);
    }

    public override Reconstructed Read(ReconstructInputs inputs, string folder)
    {
        using var stream = File.OpenRead(Path.Combine(folder, NumbersName));
        return new Reconstructed(QuantizedLayerFile.Read(inputs.Start.Value, stream), File.ReadAllLines(Path.Combine(folder, WarningsName)));
    }
}
