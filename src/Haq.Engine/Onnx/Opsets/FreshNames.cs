using Onnx;

namespace Haq.Engine.Onnx.Opsets;

/// <summary>Names that occur nowhere in a model, bodies included.</summary>
internal sealed class FreshNames
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    public FreshNames(OnnxModel model) => Take(model.Graph);

    public string Next(string stem)
    {
        string name = stem;
        for (int n = 1; !_taken.Add(name); n++) name = $"{stem}_{n}";
        return name;
    }

    private void Take(GraphProto graph)
    {
        _taken.UnionWith(graph.Input.Select(i => i.Name));
        _taken.UnionWith(graph.Initializer.Select(t => t.Name));
        foreach (var node in graph.Node)
        {
            _taken.Add(node.Name);
            _taken.UnionWith(node.Input);
            _taken.UnionWith(node.Output);
            foreach (var (_, body) in node.Bodies()) Take(body);
        }
    }
}
