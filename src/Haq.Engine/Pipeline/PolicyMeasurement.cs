using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Stages;
using Haq.Engine.Quantization.Export;

namespace Haq.Engine.Pipeline;

/// <summary>Measures a policy as a build would report it: the exported model in a plain session, on samples that no choice is made on.</summary>
public static class PolicyMeasurement
{
    /// <summary>Measures the policy that <paramref name="choose"/> names.</summary>
    public static Measurement Run(Workspace workspace, Func<Workspace, Policy> choose)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(choose);
        var policy = choose(workspace);
        var exported = QdqExporter.Export(workspace.Quantize(policy));
        workspace.Report("evaluate", $"measuring on {workspace.ReportedSet.Count} samples");
        var score = workspace.ReportedSet.Score(exported, PlainSession.Settings, workspace.Cancellation);
        return new Measurement(policy, workspace.ReportedSet.Float, score, workspace.Pricing.Costs.PriceWhole(policy), workspace.Pricing.EightBit);
    }
}
