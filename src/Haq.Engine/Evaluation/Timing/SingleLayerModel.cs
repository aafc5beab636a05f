using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Evaluation.Timing;

/// <summary>A model of one layer, with its own weights.</summary>
/// <param name="Model">The model: one input, one output.</param>
/// <param name="Type">Type of both.</param>
/// <param name="Input">Shape of the input.</param>
/// <param name="Output">Shape of the output.</param>
internal sealed record SingleLayerModel(OnnxModel Model, DataType Type, long[] Input, long[] Output)
{
    /// <summary>Name of the input.</summary>
    public const string InputName = "input";

    /// <summary>Name of the output.</summary>
    public const string OutputName = "output";

    private const int Opset = 17, IrVersion = 8;
    private const float ActivationScale = 0.02f;

    /// <summary>The layer in float32.</summary>
    public static SingleLayerModel Float(GraphView view, FoundLayer layer, long[] input, long[] output)
    {
        var graph = new ModelBuilder("layer", Opset, IrVersion);
        graph.Constant(TensorData.Of("weight", WeightDims(layer), Weights(view, layer)));
        graph.Node(Layer(view, layer, graph, InputName, "weight", OutputName));
        return Of(graph, DataType.Float, input, output);
    }

    /// <summary>The layer as ONNX Runtime's integer kernels take it: 8-bit input, weights by channel, and output. Scales do not matter to time.</summary>
    public static SingleLayerModel Int8(GraphView view, FoundLayer layer, long[] input, long[] output)
    {
        var graph = new ModelBuilder("layer", Opset, IrVersion);
        float[] weights = Weights(view, layer);
        float largest = 1e-6f;
        foreach (float w in weights) largest = Math.Max(largest, Math.Abs(w));
        float scale = largest / 127;
        byte[] integers = Array.ConvertAll(weights, w => (byte)(sbyte)Math.Clamp(MathF.Round(w / scale), -127, 127));
        long[] dims = WeightDims(layer);
        long channels = dims[layer.OutputChannelAxis];
        graph.Constant(TensorData.OfBytes("weight_q", DataType.Int8, dims, integers));
        // As the exporter writes them: a scale per output channel, or one for a stack of matrices.
        long[] scales = layer.IsStack ? [] : [channels];
        graph.Constant(TensorData.Of("weight_scale", scales, Enumerable.Repeat(scale, layer.IsStack ? 1 : (int)channels).ToArray()));
        graph.Constant(TensorData.OfBytes("weight_zero", DataType.Int8, scales, new byte[layer.IsStack ? 1 : channels]));
        graph.Constant(TensorData.Scalar("scale", ActivationScale));
        graph.Constant(TensorData.Scalar("zero", DataType.Uint8, 128));
        graph.Node(OnnxNode.Of("DequantizeLinear", [InputName, "scale", "zero"], ["x"]));
        graph.Node(OnnxNode.Of("DequantizeLinear", ["weight_q", "weight_scale", "weight_zero"], ["w"]).With("axis", (long)layer.OutputChannelAxis));
        graph.Node(Layer(view, layer, graph, "x", "w", "y"));
        graph.Node(OnnxNode.Of("QuantizeLinear", ["y", "scale", "zero"], [OutputName]));
        return Of(graph, DataType.Uint8, input, output);
    }

    private static NodeProto Layer(GraphView view, FoundLayer layer, ModelBuilder graph, string input, string weight, string output)
    {
        string[] inputs = layer.WeightInput == 0 ? [weight, input] : [input, weight];
        if (layer.Bias is { } bias && view.Floats(bias) is { } values)
        {
            graph.Constant(TensorData.Of("bias", view.ConstantOf(bias)!.Dims.ToArray(), values));
            inputs = [.. inputs, "bias"];
        }
        return OnnxNode.Like(layer.Node, inputs, [output]);
    }

    private static float[] Weights(GraphView view, FoundLayer layer) =>
        view.Floats(layer.Weight) ?? throw new InvalidOperationException($"the weights of '{layer.Name}' are not constant");

    private static long[] WeightDims(FoundLayer layer) => [.. layer.WeightShape];

    private static SingleLayerModel Of(ModelBuilder graph, DataType type, long[] input, long[] output)
    {
        graph.Input(InputName, type, input).Output(OutputName, type, output);
        return new SingleLayerModel(graph.Build(), type, input, output);
    }
}
