using Haq.Engine.Graphs;
using Onnx;

namespace Haq.Engine.Autodiff;

/// <summary>
/// Reverse-mode differentiation as a graph transformation: walks the nodes from the last to the first and lets each operator's rule append its
/// vector-Jacobian product, also as ONNX nodes.
/// </summary>
public static class Backward
{
    /// <summary>Appends to the graph what computes the gradients.</summary>
    /// <param name="graph">The forward graph; the backward nodes go to its end.</param>
    /// <param name="seeds">Values that the loss depends on directly, each with the gradient of the loss with respect to it (same shape).</param>
    /// <param name="wanted">Values whose gradients are asked for: inputs, constants or intermediate results.</param>
    /// <param name="kernels">Operators to use.</param>
    /// <returns>Gradients, and the wanted values that had to be left out.</returns>
    public static Gradients Append(
        GraphBuilder graph, IReadOnlyList<(Value Value, Value Gradient)> seeds, IReadOnlyCollection<Value> wanted, KernelSet kernels = KernelSet.Standard)
    {
        var forward = graph.Nodes.ToArray();
        var reaching = Reaching(graph, forward, [.. seeds.Select(s => s.Value)]);
        var obstacles = FindObstacles(graph, forward, wanted, reaching);
        var blocked = obstacles.Select(o => o.Value).ToHashSet(StringComparer.Ordinal);
        var needed = DependingOn(graph, forward, [.. wanted.Where(v => !blocked.Contains(v.Name))]);

        var gradients = new Dictionary<Value, List<Value>>();
        void Accumulate(Value value, Value gradient)
        {
            if (!gradients.TryGetValue(value, out var parts)) gradients.Add(value, parts = []);
            parts.Add(gradient);
        }

        foreach (var (value, gradient) in seeds)
            if (needed.Contains(value)) Accumulate(value, gradient);
        for (int i = forward.Length - 1; i >= 0; i--)
        {
            var node = forward[i];
            if (!OnPath(graph, node, needed, reaching)) continue;
            var outputs = node.Output.Select(o => graph.Find(o) is { } v ? Collect(graph, gradients, v) : null).ToArray();
            if (Array.TrueForAll(outputs, g => g is null)) continue;
            bool[] wants = [.. node.Input.Select(name => graph.Find(name) is { IsReal: true } v && needed.Contains(v))];
            GradientRules.For(node)!.Emit(new GradientContext(graph, node, kernels, outputs, wants, Accumulate));
        }
        var result = new Dictionary<Value, Value>();
        foreach (var value in wanted)
            if (!blocked.Contains(value.Name) && Collect(graph, gradients, value) is { } gradient) result[value] = gradient;
        return new Gradients(result, obstacles);
    }

    private static Value? Collect(GraphBuilder graph, Dictionary<Value, List<Value>> gradients, Value value)
    {
        if (!gradients.TryGetValue(value, out var parts)) return null;
        if (parts.Count > 1)
        {
            var total = parts.Count == 2 ? parts[0] + parts[1] : graph.Node("Sum", [.. parts], value.Shape);
            parts.Clear();
            parts.Add(total);
        }
        return parts[0];
    }

    private static List<GradientObstacle> FindObstacles(
        GraphBuilder graph, NodeProto[] forward, IReadOnlyCollection<Value> wanted, HashSet<Value> reaching)
    {
        var needed = DependingOn(graph, forward, wanted);
        // For each value, the first obstacle (nearest to the input) that every gradient to it would have to pass.
        var upstream = new Dictionary<Value, (NodeProto Node, string Reason)>();
        for (int i = forward.Length - 1; i >= 0; i--)
        {
            var node = forward[i];
            if (!OnPath(graph, node, needed, reaching)) continue;
            string? reason = ReasonToRefuse(graph, node);
            (NodeProto Node, string Reason)? obstacle = reason is null ? null : (node, reason);
            foreach (string output in node.Output)
                if (obstacle is null && graph.Find(output) is { } v && reaching.Contains(v) && upstream.TryGetValue(v, out var later)) obstacle = later;
            if (obstacle is not { } found) continue;
            foreach (var input in InputsOf(graph, node))
                if (input.IsReal) upstream[input] = found;
        }
        return
        [
            .. wanted.Where(upstream.ContainsKey).Select(v =>
            {
                var (node, reason) = upstream[v];
                return new GradientObstacle(v.Name, NameOf(node), node.OpType, reason);
            }),
        ];
    }

    private static string? ReasonToRefuse(GraphBuilder graph, NodeProto node) =>
        GradientRules.For(node) is { } rule
            ? rule.Refuse(new GradientContext(graph, node, KernelSet.Standard, [], [], (_, _) => { }))
            : $"the operator {(node.Domain.Length == 0 ? "" : node.Domain + "::")}{node.OpType} has no gradient rule";

    private static bool OnPath(GraphBuilder graph, NodeProto node, HashSet<Value> needed, HashSet<Value> reaching) =>
        !GradientRules.IsFlat(node)
        && InputsOf(graph, node).Any(v => v.IsReal && needed.Contains(v))
        && node.Output.Any(o => graph.Find(o) is { IsReal: true } v && reaching.Contains(v));

    private static HashSet<Value> DependingOn(GraphBuilder graph, NodeProto[] forward, IReadOnlyCollection<Value> sources)
    {
        var set = sources.ToHashSet();
        foreach (var node in forward)
        {
            if (GradientRules.IsFlat(node) || !InputsOf(graph, node).Any(v => v.IsReal && set.Contains(v))) continue;
            foreach (string output in node.Output)
                if (graph.Find(output) is { IsReal: true } v) set.Add(v);
        }
        return set;
    }

    private static HashSet<Value> Reaching(GraphBuilder graph, NodeProto[] forward, IReadOnlyCollection<Value> ends)
    {
        var set = ends.ToHashSet();
        for (int i = forward.Length - 1; i >= 0; i--)
        {
            var node = forward[i];
            if (GradientRules.IsFlat(node) || !node.Output.Any(o => graph.Find(o) is { IsReal: true } v && set.Contains(v))) continue;
            foreach (var input in InputsOf(graph, node))
                if (input.IsReal) set.Add(input);
        }
        return set;
    }

    // A node with a subgraph (If, Loop) also reads what its subgraph reads from outside.
    private static IEnumerable<Value> InputsOf(GraphBuilder graph, NodeProto node)
    {
        foreach (string input in node.Input)
            if (graph.Find(input) is { } value) yield return value;
        foreach (var attribute in node.Attribute)
        {
            if (attribute.G is { } subgraph)
            {
                foreach (var inner in subgraph.Node)
                    foreach (var value in InputsOf(graph, inner)) yield return value;
            }
        }
    }

    private static string NameOf(NodeProto node) => node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault() ?? node.OpType;
}
