using Haq.Engine.Onnx.Shapes;
using Onnx;

namespace Haq.Engine.Onnx.Simplification;

/// <summary>
/// Takes away what hands its input on as it is. ONNX Runtime (1.31.1) does so for some of these operators in float; between a layer and its activation
/// each of them keeps the two from being one integer kernel.
/// </summary>
internal static class IdleOperators
{
    public const string Label = "take away what changes nothing";

    /// <summary>Takes away all there are in <paramref name="model"/>, in place, and returns their names.</summary>
    public static IReadOnlyList<string> Apply(OnnxModel model)
    {
        NodeNames.Assign(model.Graph);
        var gone = new List<string>();
        while (Pass(model) is { Count: > 0 } names) gone.AddRange(names);
        return gone;
    }

    // All that do not touch each other: what a pass knows of the graph still holds for them.
    private static List<string> Pass(OnnxModel model)
    {
        var gone = new List<string>();
        var touched = new HashSet<string>(StringComparer.Ordinal);
        var view = new GraphView(model);
        var facts = new IdleFacts(view, ShapeInference.Infer(view));
        foreach (var node in view.Order)
        {
            if (node.Bodies().Any() || !OpNames.IsStandard(node.Domain) || node.Output.Count(o => o.Length > 0) != 1 || facts.HandedOn(node) is not { } input) continue;
            // What puts axes in and what takes them out again go together.
            var (last, read, first) = Undone(view, node) is { } back ? (back, node.Input[0], node) : (node, node.Input[input], null);
            if (first is null && !IsAlone(node)) continue;
            string[] names = [read, node.Output[0], last.Output[0]];
            if (names.Any(touched.Contains) || !Bypass(model, view, last, read, first)) continue;
            touched.UnionWith(names);
            gone.Add(node.Name);
        }
        return gone;
    }

    private static bool IsAlone(NodeProto node) => !node.Is(OpNames.Unsqueeze);

    // An Unsqueeze with only the Squeeze of the same axes behind it.
    private static NodeProto? Undone(GraphView view, NodeProto node) => node.Is(OpNames.Unsqueeze) && !view.IsOutput(node.Output[0]) && view.ConsumersOf(node.Output[0]) is [var next]
        && next.Is(OpNames.Squeeze) && view.Longs(node.InputAt(1)) is { } axes && view.Longs(next.InputAt(1)) is { } taken && axes.Order().SequenceEqual(taken.Order()) ? next : null;

    /// <summary>Whoever reads what <paramref name="node"/> makes reads <paramref name="input"/> instead; false where names stand in the way.</summary>
    internal static bool Bypass(OnnxModel model, GraphView view, NodeProto node, string input, NodeProto? with = null)
    {
        string output = node.Output[0];
        var patch = new GraphPatch(model, Label).Remove(node);
        if (with is not null) patch.Remove(with);
        if (view.IsOutput(output))
        {
            // An output keeps its name: whoever makes the input makes it under that name, where nobody else knows it.
            if (view.ProducerOf(input) is not { } producer || view.IsOutput(input) || view.ConsumersOf(input).Count != 1) return false;
            patch.Write(producer, input, output).Apply();
            return true;
        }
        // A body reads by name what surrounds it.
        if (view.ConsumersOf(output).Any(c => c.Bodies().Any())) return false;
        patch.Rewire(output, input).Apply();
        return true;
    }
}
