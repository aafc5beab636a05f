using System.Collections.Immutable;

namespace Haq.Engine.Quantization.Tensors;

/// <summary>The network as a graph of what has a width: its layers and the tensors between them.</summary>
internal static class ItemGraph
{
    /// <summary>Of every item the ones that it is computed from directly, through operators that have no width of their own; by index, ascending.</summary>
    public static ImmutableArray<ImmutableArray<int>> SourcesOf(QuantizableModel model)
    {
        var tensors = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int t = 0; t < model.Tensors.Length; t++) tensors[model.Tensors[t].Junction.Tensor] = model.Layers.Length + t;
        var layers = model.Layers.ToDictionary(l => l.Output, l => l.Layer.Index, StringComparer.Ordinal);
        return
        [
            .. model.Layers.Select(l => Behind([l.Input])),
            .. model.Tensors.Select(t => layers.TryGetValue(t.Junction.Tensor, out int layer) ? [layer] : Behind(InputsOf(t.Junction.Tensor))),
        ];

        IEnumerable<string> InputsOf(string tensor) => model.View.ProducerOf(tensor) is { } producer ? Onnx.GraphView.InputsOf(producer) : [];

        ImmutableArray<int> Behind(IEnumerable<string> start)
        {
            var (found, seen, open) = (new SortedSet<int>(), new HashSet<string>(StringComparer.Ordinal), new Stack<string>(start));
            while (open.TryPop(out string? tensor))
            {
                if (!seen.Add(tensor)) continue;
                if (tensors.TryGetValue(tensor, out int item) || layers.TryGetValue(tensor, out item)) found.Add(item);
                else foreach (string input in InputsOf(tensor)) open.Push(input);
            }
            return [.. found];
        }
    }
}
