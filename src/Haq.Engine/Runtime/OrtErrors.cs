using System.Text.RegularExpressions;
using Haq.Engine.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace Haq.Engine.Runtime;

/// <summary>ONNX Runtime's exceptions as one line that names the operator.</summary>
internal static partial class OrtErrors
{
    public static HaqException Refused(string model, OnnxRuntimeException cause) =>
        DiagnosticCatalog.RuntimeRefused.Error(model, $"ONNX Runtime refuses the model: {Clean(cause.Message)}. Check that it runs in ONNX Runtime before it is quantized.", cause);

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

    [GeneratedRegex(@"^\[ErrorCode:\w+\]\s*")]
    private static partial Regex CodePrefix();

    [GeneratedRegex(@"/\S+\.(cc|h|cpp|hpp):\d+[^\n]*?\)\s(?=\S)|/\S+\.(cc|h|cpp|hpp):\d+ ?")]
    private static partial Regex SourcePosition();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
