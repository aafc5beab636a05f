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
    private const string Input = "input", Weight = "weight", Bias = "bias", Gradient = "gradient", Output = "output";

    private readonly OrtSession _session;
    private readonly FoundLayer _layer;
    private readonly OrtTensor _weights;
    private readonly OrtTensor _noBias = OrtTensor.Zeros(DataType.Float, 1);
    private readonly long[] _biasShape;

    /// <summary>A layer of <paramref name="view"/>'s model.</summary>
    /// <param name="view">The float model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="opset">The model's operator set; from 18 on its reductions take axes as they are written here, and a layer is the same in all.</param>
    /// <param name="weighted">Every output value is multiplied by one that the caller gives.</param>
    public LayerPerturbation(GraphView view, FoundLayer layer, int opset, bool weighted)
    {
        float[] weights = view.Floats(layer.Weight) ?? throw new InvalidOperationException($"the weights of '{layer.Name}' are not constant");
        (_layer, _biasShape) = (layer, BiasShape(layer));
        _session = new OrtSession(Graph(layer, opset, weighted), new SessionSettings { Threads = 1 });
        _weights = OrtTensor.Of<float>(weights, layer.WeightShape.AsSpan());
    }

    /// <summary>Σ over the outputs of (g · product of the float weights with a change of the input)², by row. <paramref name="gradient"/> is null where nothing is weighted.</summary>
    public double[] OfInput(OrtTensor change, OrtTensor? gradient) => Run(change, _weights, _noBias, gradient);

    /// <summary>Σ over the outputs of (g · product of the input with a change of the weights, plus a change of the bias)², by row.</summary>
    /// <param name="input">The layer's input.</param>
    /// <param name="change">In the weights' storage order.</param>
    /// <param name="biasChange">By output channel; empty for none.</param>
    /// <param name="gradient">g, of the output's shape; null for ones.</param>
    public double[] OfWeights(OrtTensor input, ReadOnlySpan<float> change, ReadOnlySpan<float> biasChange, OrtTensor? gradient)
    {
        using var weights = OrtTensor.Of(change, _layer.WeightShape.AsSpan());
        using var bias = biasChange.IsEmpty ? null : OrtTensor.Of(biasChange, _biasShape);
        return Run(input, weights, bias ?? _noBias, gradient);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _weights.Dispose();
        _noBias.Dispose();
    }

    private double[] Run(OrtTensor input, OrtTensor weights, OrtTensor bias, OrtTensor? gradient)
    {
        var feeds = new Dictionary<string, OrtTensor> { [Input] = input, [Weight] = weights, [Bias] = bias };
        if (gradient is not null) feeds[Gradient] = gradient;
        using var sums = _session.Run(feeds)[0];
        return Array.ConvertAll(sums.Values<float>().ToArray(), v => (double)v);
    }

    private static OnnxModel Graph(FoundLayer layer, int opset, bool weighted)
    {
        var graph = new ModelBuilder("layer", Math.Max(GraphBuilder.LeastOpset, opset));
        foreach (string name in (string[])[Input, Weight, Bias, .. weighted ? (string[])[Gradient] : []]) graph.Input(name, DataType.Float, null);
        graph.Node(OnnxNode.Like(layer.Node, layer.WeightInput == 0 ? [Weight, Input] : [Input, Weight], ["product"]));
        graph.Node(OnnxNode.Of("Add", ["product", Bias], ["change"]));
        string change = "change";
        if (weighted) graph.Node(OnnxNode.Of("Mul", [change, Gradient], [change = "weighted"]));
        graph.Node(OnnxNode.Of("Flatten", [change], ["flat"]).With("axis", 1L));
        graph.Constant(TensorData.Of("axes", [1], (long[])[1]));
        graph.Node(OnnxNode.Of("ReduceSumSquare", ["flat", "axes"], [Output]).With("keepdims", 0L));
        return graph.Output(Output, DataType.Float, null).Build();
    }

    // Channels are the second extent of a convolution's output and the last of a product's.
    private static long[] BiasShape(FoundLayer layer)
    {
        var shape = layer.Layer.Shape;
        return shape.Op is OpKind.Conv or OpKind.ConvTranspose ? [1, shape.Out, .. Enumerable.Repeat(1L, shape.Kernel.Length)] : [shape.Out];
    }
}
