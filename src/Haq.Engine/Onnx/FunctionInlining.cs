using Haq.Engine.Diagnostics;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>
/// Replaces calls of a model's own functions by what the functions say, so that layers inside them are found like any others. Tensors and nodes of a body get the calling node's
/// name and a slash before their own.
/// </summary>
public static class FunctionInlining
{
    // A call inside a function's body may call on; a function that reaches itself never ends.
    private const int MaxDepth = 64;

    // Functions that call two others each double with every level.
    private const int MostNodes = 1_000_000;

    /// <summary>Inlines every call, in place, and drops the functions; returns how many calls there were.</summary>
    /// <exception cref="HaqException">A function calls itself, is called with the wrong number of values, or was written for another operator set (HAQ0305, HAQ0306).</exception>
    public static int Apply(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Proto.Functions.Count == 0) return 0;
        var functions = new Dictionary<(string Domain, string Name, string Overload), FunctionProto>();
        foreach (var function in model.Proto.Functions) functions[(function.Domain, function.Name, function.Overload)] = function;
        NodeNames.Assign(model.Graph);
        int written = 0;
        int calls = Inline(model, model.Graph, functions, depth: 0, ref written);
        model.Proto.Functions.Clear();
        foreach (var import in model.Proto.OpsetImport.Where(i => !OpNames.IsStandard(i.Domain) && !Uses(model.Graph, i.Domain)).ToArray()) model.Proto.OpsetImport.Remove(import);
        return calls;
    }

    private static int Inline(OnnxModel model, GraphProto graph, Dictionary<(string, string, string), FunctionProto> functions, int depth, ref int written)
    {
        if (depth > MaxDepth) throw Invalid(model, "a function of the model calls itself");
        int calls = 0;
        var nodes = new List<NodeProto>();
        foreach (var node in graph.Node)
        {
            foreach (var (_, body) in node.Bodies()) calls += Inline(model, body, functions, depth + 1, ref written);
            if (!functions.TryGetValue((node.Domain, node.OpType, node.Overload), out var function))
            {
                nodes.Add(node);
                continue;
            }
            RequireOpset(model, function);
            if (node.Input.Count > function.Input.Count || node.Output.Count > function.Output.Count)
            {
                throw Invalid(
                    model, $"'{node.Name}' gives function '{function.Name}' {node.Input.Count} inputs and {node.Output.Count} outputs, but it has {function.Input.Count} and {function.Output.Count}");
            }

            var called = new GraphProto();
            called.Node.Add(new FunctionCall(node, function).Nodes());
            written += called.Node.Count;
            if (written > MostNodes) throw Invalid(model, $"its functions make more than {MostNodes} nodes when they are written out");
            calls += 1 + Inline(model, called, functions, depth + 1, ref written);
            nodes.AddRange(called.Node);
        }
        if (calls == 0) return 0;
        graph.Node.Clear();
        graph.Node.Add(nodes);
        return calls;
    }

    private static void RequireOpset(OnnxModel model, FunctionProto function)
    {
        foreach (var import in function.OpsetImport)
        {
            int own = model.OpsetOf(import.Domain);
            if (own == 0)
            {
                model.Proto.OpsetImport.Add(import.Clone());
            }
            else if (own != import.Version)
            {
                throw DiagnosticCatalog.UnsupportedOpset.Error(model.Name,
                    $"function '{function.Name}' uses operator set {import.Version} of '{(import.Domain.Length == 0 ? "ai.onnx" : import.Domain)}', the model {own}. Export the network with one operator set, or without functions.");
            }
        }
    }

    private static bool Uses(GraphProto graph, string domain) => graph.Node.Any(n => n.Domain == domain || n.Bodies().Any(b => Uses(b.Graph, domain)));

    private static HaqException Invalid(OnnxModel model, string what) =>
        DiagnosticCatalog.InvalidGraph.Error(model.Name, $"{what}. The file is damaged or was written wrongly; export it again.");
}
