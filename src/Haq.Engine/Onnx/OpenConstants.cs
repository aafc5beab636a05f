using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>
/// Constants that are put in before a graph runs, by joining serialized messages: the graph is not valid until then, so that no patch can take them out.
/// </summary>
public static class OpenConstants
{
    /// <summary>Drops those in <paramref name="open"/>, and those that nothing reads.</summary>
    public static void Drop(GraphProto graph, HashSet<string> open)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(open);
        var read = new HashSet<string>(graph.Node.SelectMany(GraphView.InputsOf).Concat(graph.Output.Select(o => o.Name)), StringComparer.Ordinal);
        foreach (var tensor in graph.Initializer.Where(t => open.Contains(t.Name) || !read.Contains(t.Name)).ToList())
        {
            graph.Initializer.Remove(tensor);
            if (graph.Input.FirstOrDefault(i => i.Name == tensor.Name) is { } input) graph.Input.Remove(input);
        }
    }

    /// <summary>The constants as a message that, joined to a model's, puts them in.</summary>
    public static ModelProto Piece(IEnumerable<TensorProto> constants)
    {
        var graph = new GraphProto();
        graph.Initializer.AddRange(constants);
        return new ModelProto { Graph = graph };
    }
}
