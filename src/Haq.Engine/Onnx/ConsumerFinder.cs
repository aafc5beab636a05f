using System.Collections.Immutable;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Finds the layers that read a layer's output, through operators of one computed input (activations, pooling, reshapes).</summary>
internal sealed class ConsumerFinder
{
    private readonly GraphView _view;
    private readonly Dictionary<NodeProto, int> _layerOf = new(ReferenceEqualityComparer.Instance);

    public ConsumerFinder(GraphView view, IEnumerable<FoundLayer> layers)
    {
        _view = view;
        foreach (var layer in layers) _layerOf[layer.Node] = layer.Layer.Index;
    }

    /// <summary>Indices, ascending; empty when the tensor is an output of the graph or something other than a layer computes with it.</summary>
    public ImmutableArray<int> Of(string tensor)
    {
        var found = new SortedSet<int>();
        var open = new Stack<string>([tensor]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (open.TryPop(out string? current))
        {
            if (!seen.Add(current)) continue;
            if (_view.IsOutput(current)) return [];
            foreach (var reader in _view.ConsumersOf(current))
            {
                if (_layerOf.TryGetValue(reader, out int index)) found.Add(index);
                else if (IsPassedOn(reader)) foreach (string output in reader.Output.Where(o => o.Length > 0)) open.Push(output);
                else return [];
            }
        }
        return [.. found];
    }

    // Sums and concatenations end the walk: one of their inputs does not decide the width alone. So do bodies, which may read anything.
    private bool IsPassedOn(NodeProto node) =>
        node.Attribute.All(a => a.G is null) && node.Input.Count(i => i.Length > 0 && _view.ConstantOf(i) is null) == 1;
}
