using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Rebuilds a quantized model from the lock file where nothing of it depends on data that is not there.</summary>
internal static class LockedQuantizer
{
    /// <exception cref="HaqException">An activation or a weight is quantized: its step, rounding and bias come from calibration, which is not here (HAQ0805).</exception>
    public static QuantizedModel Quantize(Workspace workspace, LockFile locked, Policy policy)
    {
        var model = workspace.Model;
        bool needsData = locked.Weights is not null || model.Layers.Any(l => policy[l.Layer.Index] is var bits && (bits.Weights.IsQuantized() || bits.Activations.IsQuantized()));
        needsData |= model.Tensors.Length > 0 && policy.Bits[model.Layers.Length..].ToArray().Any(b => b.Activations.IsQuantized());
        if (needsData) throw MissingData(workspace);
        return new QuantizedModel(model.Float, policy, [.. model.Layers.Select(found => new QuantizedLayer(found, policy[found.Layer.Index], null, null, null))]) { InputShapes = model.InputShapes };
    }

    private static HaqException MissingData(Workspace workspace)
    {
        string missing = string.Join(", ", workspace.Inputs.Inputs.Where(i => i.Key.StartsWith("data.", StringComparison.Ordinal)).Select(i => i.Value).Select(i => $"'{i.Path}'"));
        return DiagnosticCatalog.InputMissing.Error(workspace.Options.Manifest,
            $"ranges and weights were fitted to data that is not here ({missing}), and the cache does not hold the result. Get the data, or build where the cache of an earlier build is.");
    }
}
