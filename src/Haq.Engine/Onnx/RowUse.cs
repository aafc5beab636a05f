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
                bool asTheyAre = next.AsTheyAre && !Normalizes(view, reader, next.Tensor);
                foreach (string output in reader.Output) if (output.Length > 0) pending.Push((output, asTheyAre));
            }
        }
        return reached;
    }

    private static bool IsLayer(NodeProto node) => s_layers.Contains(node.OpType) || node.Bodies().Any(body => body.Graph.Node.Any(IsLayer));

    // Older exporters write a normalization out: it ends in a division by what was computed from the rows themselves.
    private static bool Normalizes(GraphView view, NodeProto node, string tensor) =>
        s_norms.Contains(node.OpType) || (node.Is(OpNames.Div) && node.Input[0] == tensor && view.ConstantOf(node.Input[1]) is null);
}
