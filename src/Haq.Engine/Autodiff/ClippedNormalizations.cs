using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Autodiff;

/// <summary>
/// Has normalizations with batch statistics clip what they make where nothing else reads it, and their gradients look through the clipping: a pass over the activations less
/// forward, one less backward.
/// </summary>
internal static class ClippedNormalizations
{
    public const string Forward = "BatchNormTraining", Backward = "BatchNormTrainingGradient", Gate = "BoundedGradient";

    public static void Fuse(GraphBuilder g)
    {
        var readers = g.Nodes.SelectMany(n => n.Input.Distinct(StringComparer.Ordinal).Select(input => (Input: input, Node: n)))
            .ToLookup(p => p.Input, p => p.Node, StringComparer.Ordinal);
        var outputs = g.Outputs.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        NodeProto? OnlyReader(string value) => !outputs.Contains(value) && readers[value].ToArray() is [var reader] && reader.Input[0] == value ? reader : null;
        var clipped = new Dictionary<string, NodeProto>(StringComparer.Ordinal);
        foreach (var norm in Nodes(g, Forward))
        {
            if (OnlyReader(norm.Output[0]) is not { } clip || BoundsOf(g, clip) is not var (low, high)) continue;
            g.Absorb(norm, clip);
            norm.With("low", low).With("high", high);
            clipped.Add(norm.Output[0], norm);
        }
        foreach (var gate in Nodes(g, Gate))
        {
            if (OnlyReader(gate.Output[0]) is not { OpType: Backward } gradient || clipped.GetValueOrDefault(gate.Input[1]) is not { } norm) continue;
            if (norm.Input[0] != gradient.Input[1]) continue;
            g.Bypass(gate);
            GraphBuilder.Extend(gradient, norm.Input[2]);
            gradient.With("low", gate.Float("low", 0)).With("high", gate.Float("high", 0));
        }
    }

    private static NodeProto[] Nodes(GraphBuilder g, string op) => [.. g.Nodes.Where(n => n.OpType == op && n.Domain == GraphBuilder.CustomDomain)];

    private static (float Low, float High)? BoundsOf(GraphBuilder g, NodeProto clip)
    {
        if (clip.Is(OpNames.Relu)) return (0, float.PositiveInfinity);
        return clip.Is(OpNames.Clip) && Bound(g, clip.InputAt(1), float.NegativeInfinity) is { } low && Bound(g, clip.InputAt(2), float.PositiveInfinity) is { } high ? (low, high) : null;
    }

    // Null where it is computed.
    private static float? Bound(GraphBuilder g, string name, float otherwise) =>
        name.Length == 0 ? otherwise : g.ConstantOf(g[name]) is { } constant ? TensorData.ToFloats(constant) is [var bound] ? bound : otherwise : null;
}
