using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Preparation;

/// <summary>A node that computes y = scale[c] · x + shift[c] for every output channel c of a layer.</summary>
internal sealed record ChannelAffine(double[] Scale, double[] Shift)
{
    private const float DefaultEpsilon = 1e-5f;

    /// <summary>What <paramref name="node"/> does to <paramref name="input"/>; null where that is something else.</summary>
    public static ChannelAffine? Of(GraphView view, NodeProto node, string input, FoldableLayer layer)
    {
        if (node.Is(OpNames.BatchNormalization)) return BatchNormalization(view, node, layer);
        bool first = node.InputAt(0) == input, second = node.InputAt(1) == input;
        if (first == second) return null;
        if (PerChannel(view, node.InputAt(first ? 1 : 0), layer) is not { } values) return null;
        double[] ones = [.. values.Select(_ => 1.0)], zeros = new double[values.Length];
        return node switch
        {
            _ when node.Is(OpNames.Mul) => new ChannelAffine(values, zeros),
            _ when node.Is(OpNames.Div) && first && values.All(v => v != 0) => new ChannelAffine([.. values.Select(v => 1 / v)], zeros),
            _ when node.Is(OpNames.Add) => new ChannelAffine(ones, values),
            _ when node.Is(OpNames.Sub) && first => new ChannelAffine(ones, [.. values.Select(v => -v)]),
            _ when node.Is(OpNames.Sub) => new ChannelAffine([.. ones.Select(v => -v)], values),
            _ => null,
        };
    }

    private static ChannelAffine? BatchNormalization(GraphView view, NodeProto node, FoldableLayer layer)
    {
        // In a dense layer's [N, C] output the channels are where batch normalization looks for them; in a longer one they are not.
        if (node.Int("training_mode", 0) != 0 || layer.OutputRankOf(view) is not { } rank || (layer.ChannelsLast && rank != 2)) return null;
        if (view.Floats(node.InputAt(1)) is not { } gamma || view.Floats(node.InputAt(2)) is not { } beta) return null;
        if (view.Floats(node.InputAt(3)) is not { } mean || view.Floats(node.InputAt(4)) is not { } variance) return null;
        if (gamma.Length != layer.Channels) return null;
        double epsilon = node.Float("epsilon", DefaultEpsilon);
        double[] scale = [.. gamma.Select((g, c) => g / Math.Sqrt(variance[c] + epsilon))];
        return scale.All(double.IsFinite) ? new ChannelAffine(scale, [.. beta.Select((b, c) => b - mean[c] * scale[c])]) : null;
    }

    /// <summary>The constant as a value per channel, where its shape broadcasts as one and does not widen the output.</summary>
    private static double[]? PerChannel(GraphView view, string tensor, FoldableLayer layer)
    {
        if (view.ConstantOf(tensor) is not { } constant || TensorData.TypeOf(constant) != DataType.Float || layer.OutputRankOf(view) is not { } rank) return null;
        if (constant.Dims.Count > rank) return null;
        float[] values = TensorData.ToFloats(constant, view.Model.External);
        if (values.Length == 1) return [.. Enumerable.Repeat((double)values[0], layer.Channels)];
        int channelAxisFromEnd = layer.ChannelsLast ? 1 : rank - 1;
        if (values.Length != layer.Channels || constant.Dims.Count < channelAxisFromEnd) return null;
        return constant.Dims[^channelAxisFromEnd] == layer.Channels ? [.. values.Select(v => (double)v)] : null;
    }
}
