using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>
/// Stable unique names for nodes: their own where it is unique, and otherwise one made of it (or of the operator) and the first output,
/// which does not depend on what else is in the graph or in which order.
/// </summary>
public static class NodeNames
{
    /// <summary>Names for <paramref name="nodes"/>, in the same order.</summary>
    public static string[] For(IReadOnlyList<NodeProto> nodes)
    {
        var uses = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in nodes) uses[node.Name] = uses.GetValueOrDefault(node.Name) + 1;
        var taken = new HashSet<string>(uses.Where(u => u.Key.Length > 0 && u.Value == 1).Select(u => u.Key), StringComparer.Ordinal);
        string[] names = new string[nodes.Count];
        for (int i = 0; i < names.Length; i++)
        {
            var node = nodes[i];
            if (node.Name.Length > 0 && uses[node.Name] == 1)
            {
                names[i] = node.Name;
                continue;
            }
            string output = node.Output.FirstOrDefault(o => o.Length > 0) ?? "";
            string stem = node.Name.Length > 0 ? $"{node.Name}:{output}" : $"{node.OpType}:{output}";
            string name = stem;
            for (int n = 2; !taken.Add(name); n++) name = $"{stem}:{n}";
            names[i] = name;
        }
        return names;
    }

    /// <summary>Writes the names into the graph's own nodes, so that they survive rewriting; returns whether one changed.</summary>
    public static bool Assign(GraphProto graph)
    {
        string[] names = For(graph.Node);
        bool changed = false;
        for (int i = 0; i < names.Length; i++)
        {
            changed |= graph.Node[i].Name != names[i];
            graph.Node[i].Name = names[i];
        }
        return changed;
    }
}
