using Haq.Engine.Evaluation.Diagnosis;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Subjects;

namespace Haq.Engine.Pipeline.Exploring;

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
        var quantized = workspace.Stages.AsBuilt(choose(workspace), workspace.LockedChoice()).Network.Value;
        var inputs = workspace.Stages.Diagnosis(samples);
        var set = inputs.Set.Value;
        int layers = workspace.Model.Layers.Length;
        workspace.Run.Report("inspect", $"measuring {layers} layers on {set.Count} samples", 0);
        var progress = new Relay<int>(done => workspace.Run.Report("inspect", $"{done} of {layers} layers", (double)done / layers));
        using var pool = DiagnosisPool.Open(
            inputs.Elsewhere, workspace.Quantizer, quantized, set, text => workspace.Run.Report("inspect", text), workspace.Run.Cancellation);
        return new Diagnostician(workspace.Quantizer, quantized, set, inputs.Samples.Value, pool.Measurements).Run(damage: () => true, widths, progress, workspace.Run.Cancellation);
    }
}
