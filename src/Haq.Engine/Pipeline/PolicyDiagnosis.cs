using Haq.Engine.Data;
using Haq.Engine.Evaluation.Diagnosis;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Stages;

namespace Haq.Engine.Pipeline;

/// <summary>Which layers do the damage under a policy, on samples of the search set: what was learned from them may be acted on.</summary>
public static class PolicyDiagnosis
{
    /// <summary>Diagnoses the policy that <paramref name="choose"/> names.</summary>
    /// <param name="workspace">The manifest and its data.</param>
    /// <param name="choose">The policy.</param>
    /// <param name="samples">Samples that the loss is measured on, at most.</param>
    /// <param name="widths">Widths at which each layer's damage is measured too.</param>
    public static NetworkDiagnosis Run(Workspace workspace, Func<Workspace, Policy> choose, int samples, IReadOnlyList<int> widths)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(choose);
        var quantized = workspace.Quantize(choose(workspace));
        IDataset data = DatasetSplit.Choose(workspace.Data.Search, samples, workspace.Random.Fork("diagnosis samples"));
        using var set = workspace.Open(data);
        int layers = workspace.Model.Layers.Length;
        workspace.Report("inspect", $"measuring {layers} layers on {set.Count} samples", 0);
        var progress = new Relay<int>(done => workspace.Report("inspect", $"{done} of {layers} layers", (double)done / layers));
        return new Diagnostician(workspace.Quantizer, quantized, set, data).Run(damage: true, widths, progress, workspace.Cancellation);
    }
}
