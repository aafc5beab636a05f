using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline;

/// <summary>What a lock file decided, for the model that is here.</summary>
internal static class LockedDecision
{
    /// <summary>Its choice.</summary>
    /// <exception cref="HaqException">It names other layers (HAQ0802).</exception>
    public static SearchOutcome Of(LockFile locked, QuantizableModel model, string manifest)
    {
        if (!locked.Policy.Select(l => l.Name).SequenceEqual(model.Items.Select(l => l.Name), StringComparer.Ordinal))
            throw DiagnosticCatalog.LockUnreadable.Error(manifest, "haq.lock.json names other layers than the model has. Delete it and build again.");
        return new SearchOutcome
        {
            Strategy = locked.Search.Strategy,
            Bits = [.. locked.Policy.SelectMany(l => new[] { l.Weights, l.Activations })],
            Evaluated = locked.Search.Evaluated,
            Completed = locked.Search.Completed,
            EndedIn = locked.Search.EndedIn,
            Regions = locked.Regions,
            Mending = locked.Mending,
        };
    }

    /// <summary>The network where nothing of it depends on data that is not there.</summary>
    /// <exception cref="HaqException">An activation or a weight is quantized: its scale, rounding and bias come from calibration, which is not here (HAQ0805).</exception>
    public static QuantizedModel Network(LockFile locked, Policy policy, QuantizableModel model, InputLedger inputs, string manifest)
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
