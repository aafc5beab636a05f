using System.Globalization;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Why a compute node is not a layer whose bits can be chosen.</summary>
internal static class SkipReasons
{
    /// <summary>Null where the node is a layer, or no compute node at all.</summary>
    public static SkippedNode? Of(GraphView view, NodeProto node)
    {
        if (Reason(view, node) is not { } found) return null;
        return new SkippedNode(view.NameOf(node), node.OpType, found.Reason, found.IsQuantized);
    }

    /// <summary>Compute nodes inside the node's bodies, which are left alone.</summary>
    public static IEnumerable<SkippedNode> InBodies(GraphView view, NodeProto node) => InBodies(view.NameOf(node), node);

    private static IEnumerable<SkippedNode> InBodies(string outer, NodeProto node)
    {
        foreach (var (attribute, body) in node.Bodies())
        {
            string[] names = NodeNames.For(body.Node);
            for (int i = 0; i < names.Length; i++)
            {
                var inner = body.Node[i];
                if (IsCompute(inner)) yield return new SkippedNode($"{outer}/{names[i]}", inner.OpType, $"is inside the {attribute} of {node.OpType} '{outer}', which is left alone");
                foreach (var deeper in InBodies($"{outer}/{names[i]}", inner)) yield return deeper;
            }
        }
    }

    private static bool IsCompute(NodeProto node) => OpNames.IsStandard(node.Domain)
        ? node.OpType is OpNames.Conv or OpNames.ConvTranspose or OpNames.Gemm or OpNames.MatMul or OpNames.Lstm or OpNames.Gru or OpNames.Rnn or OpNames.Einsum
            or OpNames.DeformConv or OpNames.Attention || ExistingQuantization.IsIntegerOperator(node)
        : node.Domain is not OpNames.MachineLearningDomain && (node.OpType.Contains("Conv", StringComparison.Ordinal) || node.OpType.Contains("MatMul", StringComparison.Ordinal)
            || node.OpType.Contains("Gemm", StringComparison.Ordinal) || node.OpType.Contains("Attention", StringComparison.Ordinal));

    private static (string Reason, bool IsQuantized)? Reason(GraphView view, NodeProto node)
    {
        if (ExistingQuantization.IsIntegerOperator(node) && IsCompute(node)) return ("computes with integers already", true);
        if (!OpNames.IsStandard(node.Domain)) return Foreign(node);
        switch (node.OpType)
        {
            case OpNames.Lstm or OpNames.Gru or OpNames.Rnn:
                return ("is recurrent: its weights are used at every step and are left in float", false);
            case OpNames.Einsum:
                return ("is a general product, which is left in float", false);
            case OpNames.DeformConv:
                return ("reads its input at computed places, which is left in float", false);
            case OpNames.Attention:
                return ("multiplies activations with activations", false);
            case OpNames.Conv or OpNames.ConvTranspose or OpNames.Gemm or OpNames.MatMul:
                return Layer(view, node);
            case OpNames.Gather when FoundTable.IsLookup(view, node) && view.ConstantOf(node.Input[0]) is { } table && TensorData.IsTooLarge(table):
                return (TooLarge(table), false);
            default:
                return null;
        }
    }

    private static string TooLarge(TensorProto tensor) =>
        string.Create(CultureInfo.InvariantCulture,
        $"has {4e-9 * tensor.Dims.Aggregate(1.0, (a, b) => a * b):0.0} GB of weights in one tensor; more than 2.1 GB are left in float");

    private static (string, bool)? Foreign(NodeProto node)
    {
        if (node.Domain == OpNames.MachineLearningDomain)
        {
            bool model = node.OpType.StartsWith("Tree", StringComparison.Ordinal) || node.OpType.StartsWith("Linear", StringComparison.Ordinal)
                || node.OpType.StartsWith("SVM", StringComparison.Ordinal);
            return model ? ("is classical machine learning, which is left as it is", false) : null;
        }
        bool custom = node.Domain != OpNames.MicrosoftDomain && !node.Domain.StartsWith("com.microsoft.", StringComparison.Ordinal) && !QonnxOperators.Contains(node);
        if (custom) return ($"is an operator of the custom domain '{node.Domain}'", false);
        if (!IsCompute(node)) return null;
        if (node.Domain.StartsWith("com.microsoft.", StringComparison.Ordinal))
            return ("is in a form that ONNX Runtime made for one machine; give the model as it was before optimization", false);
        return ("is a fused operator of ONNX Runtime, which is left in float; a model exported without these fusions could be quantized here", false);
    }

    private static (string, bool)? Layer(GraphView view, NodeProto node)
    {
        if (node.Input.Count < 2) return ("lacks an input", false);
        if (LayerParts.Of(view, node) is { } parts)
        {
            var weight = view.ConstantOf(parts.Weight)!;
            if (view.ConstantOf(parts.Input) is not null) return ("has constant operands only, so it can be computed beforehand", false);
            if (node.Is(OpNames.MatMul) && weight.Dims.Count < 2) return ("has a vector for a weight", false);
            if (TensorData.IsTooLarge(weight)) return (TooLarge(weight), false);
            return null;
        }
        for (int i = node.Is(OpNames.MatMul) || node.Is(OpNames.Gemm) ? 0 : 1; i < 2; i++)
        {
            if (view.ProducerOf(node.Input[i]) is not { } producer || ConstantSources(view, producer) is not { } sources) continue;
            if (sources.Any(ExistingQuantization.IsQuantizeDequantize)) return ("has quantized weights already (DequantizeLinear)", true);
            if (sources.FirstOrDefault(QonnxOperators.Contains) is { } quant) return ($"has quantized weights already (QONNX {quant.OpType})", true);
            return ("has weights that are computed from constants in a way that cannot be done beforehand", false);
        }
        return node.OpType is OpNames.MatMul or OpNames.Gemm
            ? ("multiplies activations with activations", false)
            : ("has weights that are computed while it runs", false);
    }

    /// <summary>The node and all that it depends on, where that begins with constants only; otherwise null.</summary>
    private static HashSet<NodeProto>? ConstantSources(GraphView view, NodeProto node)
    {
        var pending = new Stack<NodeProto>([node]);
        var seen = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        while (pending.TryPop(out var next))
        {
            if (!seen.Add(next)) continue;
            foreach (string input in GraphView.InputsOf(next))
            {
                if (view.ConstantOf(input) is not null) continue;
                if (view.ProducerOf(input) is not { } producer) return null;
                pending.Push(producer);
            }
        }
        return seen;
    }
}
