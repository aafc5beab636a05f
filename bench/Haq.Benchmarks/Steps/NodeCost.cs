using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Benchmarks.Steps;

/// <summary>What a node computes and moves at the least: operations of its sums of products, and each input and output once.</summary>
/// <param name="Operations">Additions and multiplications of sums of products; 0 for everything else, which waits for memory.</param>
/// <param name="Bytes">Bytes of inputs and outputs.</param>
internal readonly record struct NodeCost(double Operations, double Bytes)
{
    public static NodeCost Of(NodeProto node, Func<string, Value?> find)
    {
        Value?[] inputs = [.. node.Input.Select(find)], outputs = [.. node.Output.Select(find)];
        double bytes = inputs.Concat(outputs).Sum(v => v is null ? 0.0 : v.Count * sizeof(float));
        // Every product of a convolution and of its gradients meets one number of the small map, one weight of its window and one input channel.
        double operations = node.OpType switch
        {
            "Conv" or "FusedConv" or "DepthwiseConv" or "DenseConv" => Window(outputs[0], inputs[1]),
            "ConvTranspose" or "DepthwiseConvInputGradient" or "DenseConvInputGradient" => Window(inputs[0], inputs[1]),
            "DepthwiseConvWeightGradient" or "ConvWeightGradient" => Window(inputs[0], outputs[0]),
            "Gemm" or "FusedGemm" => inputs[0] is { } a && outputs[0] is { } y ? 2.0 * y.Count * a.Count / a.Shape[node.Int("transA", 0) == 0 ? 0 : 1] : 0,
            "MatMul" or "FusedMatMul" => inputs[0] is { } a && outputs[0] is { } y ? 2.0 * y.Count * a.Shape[^1] : 0,
            _ => 0,
        };
        return new NodeCost(operations, bytes);
    }

    private static double Window(Value? small, Value? weight) => small is null || weight is null ? 0 : 2.0 * small.Count * weight.Count / weight.Shape[0];
}
