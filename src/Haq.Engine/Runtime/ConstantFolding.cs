using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace Haq.Engine.Runtime;

/// <summary>Computes what depends on constants only, once, in ONNX Runtime: weights behind Transpose, Reshape, Cast or arithmetic become plain initializers.</summary>
public static class ConstantFolding
{
    // A result that is read by nothing but folded nodes is not kept, so only this much per tensor can be added to the model.
    private const long MaxBytes = 1L << 30;

    /// <summary>
    /// Replaces constant subgraphs by initializers; returns how many nodes went. Quantized constants stay as they are: their form is information;
    /// but a bias of real weights is made real.
    /// </summary>
    /// <exception cref="HaqException">ONNX Runtime refuses the constant part (HAQ0310), or the graph is not valid (HAQ0305).</exception>
    public static int Fold(OnnxModel model)
    {
        var view = new GraphView(model);
        var folded = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var results = new List<string>();
        foreach (var node in view.Order)
        {
            if (!CanFold(node) && !IsBiasOfFloats(view, node)) continue;
            bool constant = GraphView.InputsOf(node).All(t => view.ConstantOf(t) is not null || (view.ProducerOf(t) is { } p && folded.Contains(p)));
            if (constant) folded.Add(node);
        }
        foreach (var node in view.Order.Where(folded.Contains))
        {
            foreach (string output in node.Output)
                if (output.Length > 0 && (view.IsOutput(output) || view.ConsumersOf(output).Any(c => !folded.Contains(c)))) results.Add(output);
        }

        if (folded.Count == 0) return 0;
        // A graph output must stay the output of a node.
        if (results.Any(view.IsOutput))
        {
            foreach (string output in results.Where(view.IsOutput).ToArray())
            {
                folded.Remove(view.ProducerOf(output)!);
                results.Remove(output);
            }
            if (folded.Count == 0) return 0;
            results = [.. results.Concat(view.Order.Where(n => !folded.Contains(n)).SelectMany(GraphView.InputsOf).Where(t => view.ProducerOf(t) is { } p && folded.Contains(p))).Distinct()];
        }
        var values = Compute(view, folded, results);
        if (values is null) return 0;
        var patch = new GraphPatch(model, "compute constant parts");
        foreach (var node in folded) patch.Remove(node);
        foreach (var value in values) patch.Put(value);
        patch.Apply();
        return folded.Count;
    }

    private static bool CanFold(NodeProto node) =>
        OpNames.IsStandard(node.Domain) && !node.Bodies().Any()
        && node.OpType is not (OpNames.Constant or OpNames.QuantizeLinear or OpNames.DequantizeLinear or OpNames.DynamicQuantizeLinear)
        && !node.OpType.StartsWith("Random", StringComparison.Ordinal) && node.OpType is not ("Multinomial" or "Bernoulli" or OpNames.Dropout);

    // 32-bit integers behind a DequantizeLinear are a bias. ONNX Runtime's integer kernels take them in units of input scale times weight scale whatever their own scale says, so where the weights are
    // real, and will get scales of their own, the bias has to be real too.
    private static bool IsBiasOfFloats(GraphView view, NodeProto node) =>
        node.Is(OpNames.DequantizeLinear) && view.ConstantOf(node.Input[0]) is { } integers && TensorData.TypeOf(integers) == DataType.Int32 && !view.IsOutput(node.Output[0])
        && view.ConsumersOf(node.Output[0]).All(c => AddsTo(view, c, node.Output[0]));

    private static bool AddsTo(GraphView view, NodeProto node, string bias) => node.Is(OpNames.Add)
        ? view.ProducerOf(node.Input[0] == bias ? node.Input[1] : node.Input[0]) is { } product && LayerParts.Of(view, product) is not null
        : LayerParts.Of(view, node)?.Bias == bias;

    private static List<TensorProto>? Compute(GraphView view, HashSet<NodeProto> folded, List<string> results)
    {
        var source = view.Model;
        NodeProto[] nodes = [.. view.Order.Where(folded.Contains)];
        var graph = ModelBuilder.PartOf(source, nodes);
        // Constants that are nodes are not among them.
        foreach (string tensor in nodes.SelectMany(GraphView.InputsOf).Distinct(StringComparer.Ordinal))
            if (!view.IsInitializer(tensor) && view.ConstantOf(tensor) is { } constant) graph.Constant(constant);
        var part = graph.Show(results).Build();
        using var session = new OrtSession(part, SessionSettings.Default with { Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL });
        if (session.Outputs.Any(o => o.Type is DataType.Undefined or DataType.String)) return null;
        var values = new List<TensorProto>();
        OrtTensor[] tensors = session.Run(new Dictionary<string, OrtTensor>(), results);
        try
        {
            if (tensors.Any(t => t.Bytes.Length > MaxBytes)) return null;
            for (int i = 0; i < tensors.Length; i++) values.Add(tensors[i].ToProto(results[i]));
        }
        finally
        {
            foreach (var tensor in tensors) tensor.Dispose();
        }
        return values;
    }
}
