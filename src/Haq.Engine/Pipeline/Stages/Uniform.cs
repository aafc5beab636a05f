using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Uniform policies as searches, evaluations and comparisons mean them: what is pinned stays pinned.</summary>
internal static class Uniform
{
    /// <summary>The policy, or null where the hardware cannot compute with that width.</summary>
    public static Policy? Of(Workspace workspace, int bits)
    {
        var (target, costs, manifest) = (workspace.Target, workspace.Pricing.Costs, workspace.Manifest);
        var width = new Bitwidth(bits);
        var pair = LayerBits.Uniform(width);
        if (!SharedWeights.IsAsked(manifest) && (!target.Bits.Contains(pair) || !costs.Holds(pair))) return null;
        try
        {
            return SharedWeights.Choices(manifest, target, costs, workspace.Model.Items, [width], [width]).Build().Uniform(pair);
        }
        catch (HaqException)
        {
            // A group of which one member is pinned to another width has no such policy.
            return null;
        }
    }
}
