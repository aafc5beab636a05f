using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Preparation;

/// <summary>
/// Drops a Relu or Clip that limits nothing, because another one beside it limits more: Relu before Relu, Relu6 behind Relu6, Relu before Relu6.
/// Between the two may be what only hands numbers on. Quantization
/// merges a limiter into the grid behind it, and ONNX Runtime merges two in a row into one; both at once is more than some of its versions manage.
/// </summary>
internal static class IdleLimiters
{
    private const string Label = "drop limiters that limit nothing";

    /// <summary>Drops all there are in <paramref name="model"/>, in place, and returns the names of the nodes that are gone.</summary>
    public static IReadOnlyList<string> Drop(OnnxModel model)
    {
        var gone = new List<string>();
        while (DropOnce(model) is { } name) gone.Add(name);
        return gone;
    }

    private static string? DropOnce(OnnxModel model)
    {
        var view = new GraphView(model);
        foreach (var node in view.Order)
        {
            if (Limits(view, node) is not { } own) continue;
            if (Before(view, node) is not { } earlier || Limits(view, earlier) is not { } other) continue;
            // The later one sees nothing outside of its limits; or the earlier one's work is done again by the later one, and nobody else sees it.
            NodeProto? idle = other.Low >= own.Low && other.High <= own.High ? node : own.Low >= other.Low && own.High <= other.High && IsSeenBy(view, earlier, node) ? earlier : null;
            if (idle is not null && TryRemove(model, view, idle)) return view.NameOf(idle);
        }
        return null;
    }

    private static bool TryRemove(OnnxModel model, GraphView view, NodeProto idle)
    {
        string input = idle.Input[0], output = idle.Output[0];
        if (view.IsOutput(output))
        {
            // An output keeps its name: whoever makes the input makes it under that name, where nobody else knows it.
            if (view.ProducerOf(input) is not { } producer || view.IsOutput(input) || view.ConsumersOf(input).Count != 1) return false;
            new GraphPatch(model, Label).Remove(idle).Write(producer, input, output).Apply();
            return true;
        }
        new GraphPatch(model, Label).Remove(idle).Rewire(output, input).Apply();
        return true;
    }

    /// <summary>The limiter that a limiter's input comes from, through what hands numbers on.</summary>
    private static NodeProto? Before(GraphView view, NodeProto node)
    {
        var producer = view.ProducerOf(node.Input[0]);
        while (producer is not null && HandsOn(view, producer)) producer = view.ProducerOf(producer.Input[0]);
        return producer;
    }

    /// <summary>Nothing reads what <paramref name="earlier"/> makes but what leads to <paramref name="later"/>.</summary>
    private static bool IsSeenBy(GraphView view, NodeProto earlier, NodeProto later)
    {
        for (string tensor = earlier.Output[0]; !view.IsOutput(tensor) && view.ConsumersOf(tensor) is [var only]; tensor = only.Output[0])
        {
            if (only == later) return only.Input[0] == tensor;
            if (!HandsOn(view, only)) return false;
        }
        return false;
    }

    private static bool HandsOn(GraphView view, NodeProto node) =>
        node.Is(OpNames.Identity) || (node.Is(OpNames.Dropout) && (node.InputAt(2).Length == 0 || view.Longs(node.Input[2]) is [0]) && (node.Output.Count < 2 || node.Output[1].Length == 0));

    private static (float Low, float High)? Limits(GraphView view, NodeProto node)
    {
        if (node.Is(OpNames.Relu)) return (0, float.PositiveInfinity);
        if (!node.Is(OpNames.Clip)) return null;
        float? low = Limit(view, node.InputAt(1), float.NegativeInfinity), high = Limit(view, node.InputAt(2), float.PositiveInfinity);
        return low <= high ? (low.Value, high.Value) : null;
    }

    private static float? Limit(GraphView view, string tensor, float none) =>
        tensor.Length == 0 ? none : view.ConstantOf(tensor) is { } constant && TensorData.TypeOf(constant) == DataType.Float && view.Floats(tensor) is [var value] ? value : null;
}
