using System.Text.RegularExpressions;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace Haq.Engine.Runtime;

/// <summary>ONNX Runtime's exceptions as one line that names the operator.</summary>
internal static partial class OrtErrors
{
    /// <param name="model">What the message calls it.</param>
    /// <param name="cause">What ONNX Runtime said.</param>
    /// <param name="graph">The graph, in which nodes are looked for that the message has no name of; null where it is not at hand.</param>
    public static HaqException Refused(string model, OnnxRuntimeException cause, GraphProto? graph) =>
        DiagnosticCatalog.RuntimeRefused.Error(model,
            $"ONNX Runtime refuses the model: {Clean(cause.Message)}{Nodes(cause.Message, graph)}. Check that it runs in ONNX Runtime before it is quantized.", cause);

    public static HaqException Failed(string model, OnnxRuntimeException cause) =>
        DiagnosticCatalog.RuntimeFailed.Error(model, $"ONNX Runtime failed: {Clean(cause.Message)}. {Advice(cause.Message)}", cause);

    /// <summary>Drops the error code, source positions and signatures that mean nothing to a user, and keeps it to one line.</summary>
    internal static string Clean(string message)
    {
        string text = CodePrefix().Replace(message, "");
        text = SourcePosition().Replace(text, " ");
        text = Spaces().Replace(text, " ").Trim().TrimEnd('.');
        return text.Length > 400 ? text[..400] + "…" : text;
    }

    // An operator that is not known is named by its type alone.
    private static string Nodes(string message, GraphProto? graph)
    {
        if (graph is null || UnknownOperator().Match(message) is not { Success: true } unknown) return "";
        string[] names = [.. Named(graph, unknown.Groups["op"].Value)];
        return names switch { [] => "", [var only] => $" (node '{only}')", [var first, ..] => $" (node '{first}' and {names.Length - 1} more)" };
    }

    private static IEnumerable<string> Named(GraphProto graph, string op) =>
        graph.Node.SelectMany(n => n.Bodies().SelectMany(b => Named(b.Graph, op)).Prepend(n.OpType == op ? n.Name : "")).Where(name => name.Length > 0);

    private static string Advice(string message)
    {
        // Gather and its kin: token ids of another vocabulary, padding of -1, categories that are counted from 1.
        if (message.Contains("out of data bounds", StringComparison.Ordinal) || message.Contains("invalid indice", StringComparison.Ordinal)
            || message.Contains("invalid index", StringComparison.Ordinal))
        {
            return "A lookup got a number that its table has no row for: check that token ids and categories in the data are those of this model.";
        }

        if (message.Contains("not supported", StringComparison.OrdinalIgnoreCase) || message.Contains("not implemented", StringComparison.OrdinalIgnoreCase))
            return "The runtime does not compute this operator as the model has it: check that the model runs there by itself.";
        return "Check the shapes and values of the inputs, and that the model runs by itself on such data.";
    }

    [GeneratedRegex(@"(?<op>\w+)\(-?\d+\) is not a registered function/op")]
    private static partial Regex UnknownOperator();

    [GeneratedRegex(@"^\[ErrorCode:\w+\]\s*")]
    private static partial Regex CodePrefix();

    [GeneratedRegex(@"/\S+\.(cc|h|cpp|hpp):\d+[^\n]*?\)\s(?=\S)|/\S+\.(cc|h|cpp|hpp):\d+ ?")]
    private static partial Regex SourcePosition();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
