using Haq.Engine.Graphs;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>
/// One layer by itself, as a linear map: how large a change of its input or its weights is at its output, per row, each output value weighted. Layers are linear in both, so a
/// change of the output is the layer's product of the change alone. Safe for concurrent use.
/// </summary>
internal sealed class LayerPerturbation : IDisposable
{
    private const string Input = "input", Weight = "weight", Product = "product";

    private readonly OrtSession _session;
    private readonly FoundLayer _layer;
    private readonly OrtTensor _weights;
    private readonly int _channels;
    private readonly bool _channelsAreSecond;

    /// <summary>A layer of <paramref name="view"/>'s model.</summary>
    /// <param name="view">The float model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="opset">The model's operator set.</param>
    public LayerPerturbation(GraphView view, FoundLayer layer, int opset)
    {
        float[] weights = view.Floats(layer.Weight) ?? throw new InvalidOperationException($"the weights of '{layer.Name}' are not constant");
        // Channels are the second extent of a convolution's output and the last of a product's.
        (_layer, _channels, _channelsAreSecond) = (layer, layer.Layer.Shape.Out, layer.Layer.Shape.Op is OpKind.Conv or OpKind.ConvTranspose);
        _session = new OrtSession(Graph(layer, opset), new SessionSettings { Threads = 1, Configure = IsDepthwise(layer) ? CustomOperators.Register : null });
        _weights = OrtTensor.Of<float>(weights, layer.WeightShape.AsSpan());
    }

    /// <summary>Σ over the outputs of (g · product of the float weights with a change of the input)², by row. <paramref name="gradient"/> is null where nothing is weighted.</summary>
    public double[] OfInput(OrtTensor change, OrtTensor? gradient) => Run(change, _weights, [], gradient);

    /// <summary>Σ over the outputs of (g · product of the input with a change of the weights, plus a change of the bias)², by row.</summary>
    /// <param name="input">The layer's input.</param>
    /// <param name="change">In the weights' storage order.</param>
    /// <param name="biasChange">By output channel; empty for none.</param>
    /// <param name="gradient">g, of the output's shape; null for ones.</param>
    public double[] OfWeights(OrtTensor input, ReadOnlySpan<float> change, ReadOnlySpan<float> biasChange, OrtTensor? gradient)
    {
        using var weights = OrtTensor.Of(change, _layer.WeightShape.AsSpan());
        return Run(input, weights, biasChange, gradient);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _weights.Dispose();
    }

    private double[] Run(OrtTensor input, OrtTensor weights, ReadOnlySpan<float> bias, OrtTensor? gradient)
    {
        using var product = _session.Run(new Dictionary<string, OrtTensor> { [Input] = input, [Weight] = weights })[0];
        ReadOnlySpan<float> values = product.Values<float>(), gradients = gradient is null ? [] : gradient.Values<float>();
        int rows = (int)product.Shape[0], each = values.Length / Math.Max(1, rows);
        // Runs of values that have one bias, or a bias for each.
        int run = bias.IsEmpty ? each : _channelsAreSecond ? each / _channels : _channels;
        double[] sums = new double[rows];
        for (int row = 0; row < rows; row++)
        {
            for (int from = 0; from < each; from += run)
            {
                var own = values.Slice(row * each + from, run);
                var weighted = gradient is null ? [] : gradients.Slice(row * each + from, run);
                sums[row] += bias.IsEmpty ? SquaredSum.Of(own, 0, weighted) : _channelsAreSecond ? SquaredSum.Of(own, bias[from / run], weighted) : SquaredSum.Of(own, bias, weighted);
            }
        }
        return sums;
    }

    private static OnnxModel Graph(FoundLayer layer, int opset)
    {
        var graph = new ModelBuilder("layer", Math.Max(GraphBuilder.LeastOpset, opset));
        foreach (string name in (string[])[Input, Weight]) graph.Input(name, DataType.Float, null);
        // Weights are an input, so that ONNX Runtime cannot lay them out for itself, without which its depthwise convolutions are slow.
        if (IsDepthwise(layer)) graph.Import(GraphBuilder.CustomDomain, 1).Node(Depthwise(layer.Node));
        else graph.Node(OnnxNode.Like(layer.Node, layer.WeightInput == 0 ? [Weight, Input] : [Input, Weight], [Product]));
        return graph.Output(Product, DataType.Float, null).Build();
    }

    private static bool IsDepthwise(FoundLayer layer) =>
        layer.Node.Is(OpNames.Conv) && layer.WeightShape is [var filters and > 1, 1, _, _] && layer.Node.Int("group", 1) == filters
        && layer.Node.Text("auto_pad", "NOTSET") == "NOTSET" && (layer.Node.Ints("dilations") ?? []).All(d => d == 1);

    private static NodeProto Depthwise(NodeProto node) =>
        OnnxNode.Of("DepthwiseConv", [Input, Weight], [Product], "", GraphBuilder.CustomDomain)
            .With("strides", node.Ints("strides") ?? [1, 1]).With("pads", node.Ints("pads") ?? [0, 0, 0, 0]);
}
