using Haq.Engine.Diagnostics;
using Haq.Engine.Manifest;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>Refuses by name what the manifest can say and this version does not do, so that no setting is silently without effect.</summary>
internal static class BuiltFeatures
{
    /// <exception cref="HaqException">A setting asks for something that is not built (HAQ0010).</exception>
    public static void Require(HaqManifest manifest)
    {
        bool trains = manifest.Finetune is not null || manifest.Search.Evaluate == SearchEvaluation.Finetuned;
        Refuse(manifest, trains && SharedWeights.IsAsked(manifest), "finetune with quantization.weights: kmeans", "weights: linear, or no finetune");
        Refuse(manifest, trains && manifest.Quantization.Block > 0, "finetune with quantization.block", "finetune without 'block'");
    }

    private static void Refuse(HaqManifest manifest, bool asked, string what, string instead)
    {
        if (asked) throw DiagnosticCatalog.NotBuilt.Error(manifest.File, $"'{what}' is not built yet. Use '{instead}'.");
    }
}
