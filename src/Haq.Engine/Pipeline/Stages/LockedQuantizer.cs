using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Rebuilds a quantized model from the lock file's scales where the data that they were measured on is not there.</summary>
internal static class LockedQuantizer
{
    /// <exception cref="HaqException">The lock file lacks a tensor's scale, or the weights depend on data (HAQ0802, HAQ0805).</exception>
    public static QuantizedModel Quantize(Workspace workspace, LockFile locked, Policy policy)
    {
        if (locked.Weights is not null) throw MissingData(workspace);
        var model = workspace.Model;
        var weights = new WeightTable(model.View, model.Layers, WeightRange.Mse);
        return new QuantizedModel(model.Float, policy, [.. model.Layers.Select(found =>
        {
            var bits = policy[found.Layer.Index];
            return new QuantizedLayer(
                found, bits, bits.Weights.IsQuantized() ? weights.For(found.Layer.Index, bits.Weights) : null, null,
                bits.Activations.IsQuantized() ? Scale(workspace, locked, found.Input, bits.Activations) : null);
        })]);
    }

    private static Quantizer Scale(Workspace workspace, LockFile locked, string tensor, Bitwidth bits)
    {
        if (locked.Scales.TryGetValue(tensor, out var scale) && scale.Bits == bits && scale.Scale > 0 && scale.Min < scale.Max && scale.ZeroPoint >= scale.Min && scale.ZeroPoint <= scale.Max)
            return new Quantizer(scale.Scale, scale.ZeroPoint, new IntegerRange(scale.Min, scale.Max));
        throw DiagnosticCatalog.LockUnreadable.Error(workspace.Options.Manifest, $"haq.lock.json has no usable scale for '{tensor}' at {bits} bits. Restore it from source control, or delete it and build again with the data.");
    }

    private static HaqException MissingData(Workspace workspace)
    {
        string missing = string.Join(", ", workspace.Inputs.Inputs.Values.Where(i => i.Sha256 is null).Select(i => $"'{i.Path}'"));
        return DiagnosticCatalog.InputMissing.Error(workspace.Options.Manifest,
            $"the weights were tuned on data that is not here ({missing}), and the cache does not hold them. Get the data, or build where the cache of an earlier build is.");
    }
}
