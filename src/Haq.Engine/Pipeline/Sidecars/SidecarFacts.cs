using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.LockFiles;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Quantization.Places;

namespace Haq.Engine.Pipeline.Sidecars;

/// <summary>What a lock file decided, told by layers and tensors: what sidecars are written from.</summary>
/// <param name="Layers">In execution order.</param>
/// <param name="Tensors">The quantizers of activations, by tensor.</param>
public sealed record SidecarFacts(ImmutableArray<SidecarLayer> Layers, ImmutableSortedDictionary<string, LockedScale> Tensors)
{
    /// <summary>Reads the lock file beside a manifest, and what it says of the manifest's model.</summary>
    /// <exception cref="HaqException">There is no lock file (HAQ0804), it cannot be read (HAQ0802), or the manifest or its model is wrong.</exception>
    public static SidecarFacts Read(Workspace workspace)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        string path = new OutputNames(workspace.Manifest, null).Lock;
        var locked = LockFile.Read(path)
            ?? throw DiagnosticCatalog.LockMissing.Error(workspace.Manifest.File, $"there is no '{Path.GetFileName(path)}' to take the policy from. Build once with 'haq quantize'.");
        var model = workspace.Model;
        var policy = locked.Policy.ToDictionary(l => l.Name, StringComparer.Ordinal);
        var layers = model.Layers.Select(found => Layer(model.View, found, policy.TryGetValue(found.Name, out var chosen)
            ? chosen : throw DiagnosticCatalog.LockUnreadable.Error(path, $"does not name layer '{found.Name}' of the model: it is of another model. Build again with 'haq quantize'."), locked.Scales));
        return new SidecarFacts([.. layers], locked.Scales.ToImmutableSortedDictionary(StringComparer.Ordinal));
    }

    /// <summary>The reals that a quantizer holds.</summary>
    public static SidecarRange RangeOf(LockedScale scale)
    {
        ArgumentNullException.ThrowIfNull(scale);
        return new SidecarRange((scale.Min - scale.ZeroPoint) * (double)scale.Scale, (scale.Max - scale.ZeroPoint) * (double)scale.Scale);
    }

    private static SidecarLayer Layer(GraphView view, FoundLayer found, LockedLayer chosen, SortedDictionary<string, LockedScale> scales)
    {
        float[] weights = view.Floats(found.Weight) ?? [0];
        ImmutableArray<float> bias = found.Bias is { } name && view.Floats(name) is { } values ? [.. values] : [];
        bool depthwise = found.Layer.Shape.Groups > 1 && found.Layer.Shape.Groups == found.Layer.Shape.In;
        return new SidecarLayer(
            found.Name, found.Layer.Shape.Op, depthwise, new LayerBits(chosen.Weights, chosen.Activations), OutputOf(view, found.Output, scales), new SidecarRange(weights.Min(), weights.Max()), bias);
    }

    // What a layer makes is quantized behind its activation function, and behind what only moves numbers.
    private static SidecarRange? OutputOf(GraphView view, string tensor, SortedDictionary<string, LockedScale> scales)
    {
        while (!scales.ContainsKey(tensor))
        {
            if (view.IsOutput(tensor) || view.ConsumersOf(tensor) is not [var next] || next.Output.Count != 1) return null;
            if (!OpFamilies.IsFunction(next) && !OpFamilies.IsMove(next)) return null;
            tensor = next.Output[0];
        }
        return RangeOf(scales[tensor]);
    }
}
