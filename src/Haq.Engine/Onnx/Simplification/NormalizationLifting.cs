using Onnx;

namespace Haq.Engine.Onnx.Simplification;

/// <summary>
/// Moves batch normalization behind a concatenation of channels, or behind a pooling, to the convolutions before that, where it becomes part of
/// their weights. ONNX Runtime (1.31.1) folds it only right behind
/// a convolution.
/// </summary>
internal static class NormalizationLifting
{
    public const string Label = "move batch normalization to the layers before a concatenation or a pooling";

    private const float DefaultEpsilon = 1e-5f;

    /// <summary>Moves all there are in <paramref name="model"/>, in place, and returns their names.</summary>
    public static IReadOnlyList<string> Apply(OnnxModel model)
    {
        NodeNames.Assign(model.Graph);
        var moved = new List<string>();
        // A pooling behind a concatenation is passed first, the concatenation then.
        while (MoveOne(model) is { } name) moved.Add(name);
        return [.. moved.Distinct(StringComparer.Ordinal)];
    }

    private static string? MoveOne(OnnxModel model)
    {
        var view = new GraphView(model);
        foreach (var norm in view.Order.Where(n => n.Is(OpNames.BatchNormalization)))
        {
            if (Parameters(view, norm) is not { } parameters || view.ProducerOf(norm.Input[0]) is not { } before || !IsReadOnlyBy(view, before, norm)) continue;
            var patch = new GraphPatch(model, Label);
            bool moves = before.Is(OpNames.Concat) ? PastConcat(view, patch, norm, before, parameters) : PastPooling(view, patch, norm, before, parameters);
            if (!moves) continue;
            patch.Apply();
            return norm.Name;
        }
        return null;
    }

    private static bool PastConcat(GraphView view, GraphPatch patch, NodeProto norm, NodeProto concat, float[][] parameters)
    {
        if (concat.Int("axis", 0) != 1) return false;
        int[] channels = [.. concat.Input.Select(i => IsReadOnlyBy(view, view.ProducerOf(i), concat) ? ChannelsOf(view, i) : 0)];
        if (channels.Contains(0) || channels.Sum() != parameters[0].Length || concat.Input.Distinct(StringComparer.Ordinal).Count() != concat.Input.Count) return false;
        var joined = OnnxNode.Of(OpNames.Concat, [], [norm.Output[0]], concat.Name).With("axis", 1);
        int from = 0;
        for (int i = 0; i < channels.Length; i++)
        {
            string output = patch.FreshName($"{concat.Input[i]}.normalized");
            patch.Add(Part(patch, norm, parameters, from, channels[i], concat.Input[i], output, i == 0 ? norm.Name : patch.FreshName($"{norm.Name}.{i}")), concat);
            joined.Input.Add(output);
            from += channels[i];
        }
        patch.Remove(norm).Replace(concat, joined);
        return true;
    }

    private static bool PastPooling(GraphView view, GraphPatch patch, NodeProto norm, NodeProto pool, float[][] parameters)
    {
        bool averages = pool.Is(OpNames.GlobalAveragePool) || (pool.Is(OpNames.AveragePool) && (pool.Int("count_include_pad", 0) == 0 || IsUnpadded(pool)));
        // The greatest stays the greatest under factors above 0.
        bool picks = (pool.Is(OpNames.MaxPool) || pool.Is(OpNames.GlobalMaxPool)) && pool.Output.Count == 1 && parameters[0].All(gamma => gamma > 0);
        if (!averages && !picks) return false;
        string input = pool.Input[0];
        var producer = view.ProducerOf(input);
        if (!IsReadOnlyBy(view, producer, pool) || (ChannelsOf(view, input) == 0 && !producer!.Is(OpNames.Concat))) return false;
        string output = patch.FreshName($"{input}.normalized");
        var moved = pool.Clone();
        (moved.Input[0], moved.Output[0]) = (output, norm.Output[0]);
        patch.Add(Part(patch, norm, parameters, 0, parameters[0].Length, input, output, norm.Name), pool);
        patch.Remove(norm).Replace(pool, moved);
        return true;
    }

    private static NodeProto Part(GraphPatch patch, NodeProto norm, float[][] parameters, int from, int count, string input, string output, string name)
    {
        string[] names = [.. parameters.Select((values, p) =>
        {
            string part = patch.FreshName($"{name}.{norm.Input[p + 1]}");
            patch.Put(TensorData.Of(part, [count], values.AsSpan(from, count)));
            return part;
        })];
        return OnnxNode.Of(OpNames.BatchNormalization, [input, .. names], [output], name).With("epsilon", norm.Float("epsilon", DefaultEpsilon));
    }

    private static float[][]? Parameters(GraphView view, NodeProto norm)
    {
        if (norm.Int("training_mode", 0) != 0 || norm.Output.Count(o => o.Length > 0) != 1) return null;
        float[]?[] found = [.. Enumerable.Range(1, 4).Select(i => view.ConstantOf(norm.InputAt(i)) is { } constant
            && TensorData.TypeOf(constant) == DataType.Float ? view.Floats(norm.InputAt(i)) : null)];
        return found.All(f => f is { Length: > 0 } && f.Length == found[0]!.Length) ? [.. found.Select(f => f!)] : null;
    }

    // Of a convolution with constant weights; 0 for anything else.
    private static int ChannelsOf(GraphView view, string tensor) =>
        view.ProducerOf(tensor) is { } layer && layer.Is(OpNames.Conv) && view.ConstantOf(layer.Input[1]) is { } weight && TensorData.TypeOf(weight) == DataType.Float
        && (layer.InputAt(2).Length == 0 || view.ConstantOf(layer.InputAt(2)) is not null) ? checked((int)weight.Dims[0]) : 0;

    private static bool IsUnpadded(NodeProto pool) => pool.Text("auto_pad", "NOTSET") == "NOTSET" && (pool.Ints("pads") ?? []).All(p => p == 0) && pool.Int("ceil_mode", 0) == 0;

    private static bool IsReadOnlyBy(GraphView view, NodeProto? node, NodeProto reader) =>
        node is { Output.Count: >= 1 } && !view.IsOutput(node.Output[0]) && view.ConsumersOf(node.Output[0]) is [var only] && only == reader && !reader.Bodies().Any();
}
