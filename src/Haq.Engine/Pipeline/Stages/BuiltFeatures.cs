using Haq.Engine.Diagnostics;
using Haq.Engine.Manifest;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Refuses by name what the manifest can say and this version does not do, so that no setting is silently without effect.</summary>
internal static class BuiltFeatures
{
    /// <exception cref="HaqException">A setting asks for something that is not built (HAQ0010).</exception>
    public static void Require(HaqManifest manifest)
    {
        Refuse(manifest, manifest.Search.Evaluate != SearchEvaluation.Measured, $"search.evaluate: {manifest.Search.Evaluate.ToString().ToLowerInvariant()}", "evaluate: measured");
        Refuse(manifest, manifest.Finetune is not null && SharedWeights.IsAsked(manifest), "finetune with quantization.weights: kmeans", "weights: linear, or no finetune");
        Refuse(manifest, manifest.Finetune is not null && manifest.Quantization.Block > 0, "finetune with quantization.block", "finetune without 'block'");
    }

    private static void Refuse(HaqManifest manifest, bool asked, string what, string instead)
    {
        if (asked) throw DiagnosticCatalog.NotBuilt.Error(manifest.File, $"'{what}' is not built yet. Use '{instead}'.");
    }
}
