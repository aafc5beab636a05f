using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Onnx;

namespace Haq.Engine.Training.Reconstruction;

/// <summary>
/// Cuts a network where a single tensor carries everything from what is before to what is after: in front of layers and of forks. A residual connection stays within its block, a depthwise
/// convolution with the layer that mixes its channels.
/// </summary>
internal static class BlockFinder
{
    private const int LeastLayers = 2;

    /// <summary>The blocks with layers, in execution order. Where several tensors run side by side all through, there are none.</summary>
    public static IReadOnlyList<NetworkBlock> Find(QuantizableModel model)
    {
        var view = model.View;
        var layers = model.Layers.ToDictionary(l => l.Output, StringComparer.Ordinal);
        NodeProto[] order = [.. Varying(view)];
        var lastUse = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < order.Length; i++)
            foreach (string input in GraphView.InputsOf(order[i])) lastUse[input] = i;
        var live = view.Inputs.Select(i => i.Name).Where(lastUse.ContainsKey).ToHashSet(StringComparer.Ordinal);
        var blocks = new List<NetworkBlock>();
        var inside = new List<FoundLayer>();
        string? from = live.Count == 1 ? live.Single() : null;
        for (int i = 0; i < order.Length; i++)
        {
            foreach (string output in order[i].Output.Where(o => o.Length > 0))
            {
                if (layers.TryGetValue(output, out var layer)) inside.Add(layer);
                if (lastUse.TryGetValue(output, out int last) && last > i) live.Add(output);
            }
            live.RemoveWhere(t => lastUse[t] <= i);
            if (live.Count != 1 || !IsCut(view, layers, live.Single())) continue;
            bool whole = inside.Count >= LeastLayers && !inside[^1].Layer.Shape.IsDepthwise;
            if (from is not null && !whole) continue;
            if (from is not null) blocks.Add(new NetworkBlock(from, live.Single(), [.. inside]));
            from = live.Single();
            inside.Clear();
        }
        if (from is not null && inside.Count > 0 && view.Outputs is [var end, ..] && from != end.Name
            && view.ProducerOf(end.Name) is not null)
        {
            blocks.Add(new NetworkBlock(from, end.Name, [.. inside]));
        }

        return blocks;
    }

    /// <summary>The next thing that happens to the tensor is a layer, or several things.</summary>
    private static bool IsCut(GraphView view, Dictionary<string, FoundLayer> layers, string tensor)
    {
        var readers = view.ConsumersOf(tensor);
        return readers.Count > 1 || readers.Any(r => layers.ContainsKey(r.Output[0]));
    }

    private static IEnumerable<NodeProto> Varying(GraphView view)
    {
        var varying = view.Inputs.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in view.Order)
        {
            if (!GraphView.InputsOf(node).Any(varying.Contains)) continue;
            foreach (string output in node.Output.Where(o => o.Length > 0)) varying.Add(output);
            yield return node;
        }
    }
}
