using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>
/// Where the rows of a table go. Rows that are features (embeddings) go into layers, and an error in them is weighed and summed away there. Rows
/// that are values (anchors of boxes, numbers of classes) come out
/// as they are, or scale what comes out, and have to stay exact.
/// </summary>
internal static class RowUse
{
    private static readonly HashSet<string> s_layers = new(StringComparer.Ordinal)
    {
        OpNames.Conv, OpNames.ConvTranspose, OpNames.Gemm, OpNames.MatMul, "LSTM", "GRU", "RNN", "Einsum", "Attention", "MultiHeadAttention",
            "GroupQueryAttention", "FusedMatMul", "FusedGemm", "PackedAttention",
    };

    private static readonly HashSet<string> s_norms = new(StringComparer.Ordinal)
    {
        "LayerNormalization", "SkipLayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization", "SkipSimplifiedLayerNormalization", "BatchNormalization", "InstanceNormalization",
        "GroupNormalization", "LpNormalization", "Softmax",
    };

    /// <summary>The rows go into layers, and to no output except through a layer or a normalization.</summary>
    public static bool IsFeatures(GraphView view, string rows)
    {
        bool reached = false;
        var (derived, reduced) = Reached(view, rows);
        var seen = new HashSet<(string Tensor, bool AsTheyAre)>();
        var pending = new Stack<(string Tensor, bool AsTheyAre)>([(rows, true)]);
        while (pending.TryPop(out var next))
        {
            if (!seen.Add(next)) continue;
            if (next.AsTheyAre && view.IsOutput(next.Tensor)) return false;
            foreach (var reader in view.ConsumersOf(next.Tensor))
            {
                if (IsLayer(reader))
                {
                    reached = true;
                    continue;
                }
                bool asTheyAre = next.AsTheyAre && !s_norms.Contains(reader.OpType) && !DividesByItsOwn(view, reader, next.Tensor, derived, reduced);
                foreach (string output in reader.Output) if (output.Length > 0) pending.Push((output, asTheyAre));
            }
        }
        return reached;
    }

    private static bool IsLayer(NodeProto node) => s_layers.Contains(node.OpType) || node.Bodies().Any(body => body.Graph.Node.Any(IsLayer));

    // Older exporters write a normalization out: what was computed from the rows is divided by, or multiplied with, a mean or a sum that was computed from them, too.
    private static bool DividesByItsOwn(GraphView view, NodeProto node, string tensor, HashSet<string> derived, HashSet<string> reduced)
    {
        if (node.Is(OpNames.Div)) return node.Input[0] == tensor ? view.ConstantOf(node.Input[1]) is null : derived.Contains(node.Input[0]);
        return node.Is(OpNames.Mul) && node.Input.All(derived.Contains) && node.Input.Count(reduced.Contains) == 1;
    }

    // What is computed from the rows, and what of it through a mean or a sum and no layer.
    private static (HashSet<string> Derived, HashSet<string> Reduced) Reached(GraphView view, string rows)
    {
        HashSet<string> derived = new([rows], StringComparer.Ordinal), reduced = new(StringComparer.Ordinal);
        var pending = new Stack<(string Tensor, bool IsReduced)>([(rows, false)]);
        while (pending.TryPop(out var next))
        {
            foreach (var reader in view.ConsumersOf(next.Tensor))
            {
                if (IsLayer(reader)) continue;
                bool isReduced = next.IsReduced || reader.OpType.StartsWith("Reduce", StringComparison.Ordinal);
                foreach (string output in reader.Output)
                {
                    if (output.Length == 0) continue;
                    bool isNew = derived.Add(output) | (isReduced && reduced.Add(output));
                    if (isNew) pending.Push((output, isReduced));
                }
            }
        }
        return (derived, reduced);
    }
}
