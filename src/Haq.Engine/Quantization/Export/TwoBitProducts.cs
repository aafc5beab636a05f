using Haq.Engine.Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>
/// Which layers have their weights written as INT2: products of real numbers with blocks of 2-bit weights. ONNX Runtime (1.31.1) runs them as
/// MatMulNBits, but where the other factor comes from a DequantizeLinear it
/// makes an integer product, which has no such kernel, and refuses the model.
/// </summary>
internal static class TwoBitProducts
{
    private static readonly string[] s_moves = [OpNames.Reshape, OpNames.Flatten, OpNames.Transpose, OpNames.Squeeze, OpNames.Unsqueeze, OpNames.MaxPool, OpNames.Identity, OpNames.Dropout];

    /// <summary>The names of these layers.</summary>
    public static IReadOnlySet<string> Of(QuantizedModel quantized)
    {
        QuantizedLayer[] candidates = [.. quantized.Layers.Where(l => l.Weights is { Block: > 0, IsShared: false } weights && weights.Bits <= 2)];
        if (candidates.Length == 0) return new HashSet<string>();
        var view = new GraphView(quantized.Model);
        var dequantized = quantized.Junctions.Select(j => j.Junction.Tensor).Concat(quantized.Tables.Select(t => t.Found.Node.Output[0])).ToHashSet(StringComparer.Ordinal);
        return candidates.Where(l => IsReal(view, dequantized, l.Found.Node.Input[l.ActivationInput])).Select(l => l.Found.Name).ToHashSet(StringComparer.Ordinal);
    }

    // ONNX Runtime moves DequantizeLinear over operators that only move numbers.
    private static bool IsReal(GraphView view, HashSet<string> dequantized, string tensor)
    {
        while (!dequantized.Contains(tensor))
        {
            if (view.ProducerOf(tensor) is not { } producer) return true;
            if (producer.Is(OpNames.DequantizeLinear)) return false;
            if (!s_moves.Contains(producer.OpType)) return true;
            tensor = producer.Input[0];
        }
        return false;
    }
}
