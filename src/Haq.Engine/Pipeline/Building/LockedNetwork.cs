using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.LockFiles;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline.Building;

/// <summary>The network that a lock file describes, made without data.</summary>
internal static class LockedNetwork
{
    /// <summary>The network where nothing of it depends on data that is not there.</summary>
    /// <exception cref="HaqException">An activation or a weight is quantized: its scale, rounding and bias come from calibration, which is not here (HAQ0805).</exception>
    public static QuantizedModel Of(LockFile locked, Policy policy, QuantizableModel model, InputLedger inputs, string manifest)
    {
        bool needsData = locked.Weights is not null || model.Layers.Any(l => policy[l.Layer.Index] is var bits && (bits.Weights.IsQuantized() || bits.Activations.IsQuantized()));
        needsData |= model.Tensors.Length > 0 && policy.Bits[model.Layers.Length..].ToArray().Any(b => b.Activations.IsQuantized());
        if (needsData) throw MissingData(inputs, manifest);
        return new QuantizedModel(model.Float, policy, [.. model.Layers.Select(found => new QuantizedLayer(found, policy[found.Layer.Index], null, null, null))]) { InputShapes = model.InputShapes };
    }

    private static HaqException MissingData(InputLedger inputs, string manifest)
    {
        string missing = string.Join(", ", inputs.Inputs.Where(i => i.Key.StartsWith("data.", StringComparison.Ordinal)).Select(i => i.Value).Select(i => $"'{i.Path}'"));
        return DiagnosticCatalog.InputMissing.Error(manifest,
            $"ranges and weights were fitted to data that is not here ({missing}), and the cache does not hold the result. Get the data, or build where the cache of an earlier build is.");
    }
}
