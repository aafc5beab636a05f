using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>The tensors that a body takes from the graphs around it.</summary>
public static class Captures
{
    /// <summary>Their names, each once, in order of first use.</summary>
    public static IReadOnlyList<string> Of(GraphProto body)
    {
        var own = new HashSet<string>(StringComparer.Ordinal);
        foreach (var input in body.Input) own.Add(input.Name);
        foreach (var tensor in body.Initializer) own.Add(tensor.Name);
        foreach (var sparse in body.SparseInitializer) if (sparse.Values is not null) own.Add(sparse.Values.Name);
        foreach (var node in body.Node) own.UnionWith(node.Output);
        var captured = new List<string>();
        var seen = new HashSet<string>(own, StringComparer.Ordinal) { "" };
        foreach (var node in body.Node)
            foreach (string name in GraphView.InputsOf(node)) if (seen.Add(name)) captured.Add(name);
        foreach (var output in body.Output) if (seen.Add(output.Name)) captured.Add(output.Name);
        return captured;
    }

    /// <summary>Renames a captured tensor in a body and in the bodies inside it, unless one of them has its own of that name.</summary>
    public static void Rename(GraphProto body, string from, string to)
    {
        if (!Of(body).Contains(from)) return;
        foreach (var node in body.Node)
        {
            for (int i = 0; i < node.Input.Count; i++) if (node.Input[i] == from) node.Input[i] = to;
            foreach (var (_, inner) in node.Bodies()) Rename(inner, from, to);
        }
        foreach (var output in body.Output) if (output.Name == from) output.Name = to;
    }
}
