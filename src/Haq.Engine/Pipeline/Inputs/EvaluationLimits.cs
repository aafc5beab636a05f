using Haq.Engine.Diagnostics;
using Haq.Engine.Manifest;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>Refuses ways to evaluate that the rest of the manifest makes meaningless.</summary>
internal static class EvaluationLimits
{
    /// <exception cref="HaqException">A policy chosen for what training makes of it would not be trained (HAQ0003), or accuracy is to be kept that is never measured (HAQ0607).</exception>
    public static void Check(HaqManifest manifest)
    {
        if (manifest.Search.Evaluate == SearchEvaluation.Finetuned && manifest.Finetune is null)
        {
            throw DiagnosticCatalog.MissingKey.Error(manifest.File,
                "has 'search.evaluate: finetuned', which chooses the policy for what training makes of it, and no 'finetune:' to train it then. Add 'finetune: {epochs: 2}', or use 'evaluate: measured'.");
        }

        if (manifest.Search.Evaluate == SearchEvaluation.Surrogate && manifest.Objective != SearchObjective.Accuracy)
        {
            throw DiagnosticCatalog.ObjectiveUnsupported.Error(manifest.File,
                $"'search.evaluate: surrogate' predicts no accuracy, which 'objective: {manifest.Objective.ToString().ToLowerInvariant()}' has to keep within its limit. Use 'evaluate: measured'.");
        }
    }
}
