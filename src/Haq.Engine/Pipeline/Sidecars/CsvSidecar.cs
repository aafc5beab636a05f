using System.Globalization;
using System.Text;

namespace Haq.Engine.Pipeline.Sidecars;

/// <summary>A policy as a table: <c>layer,weight_bits,activation_bits</c> (RFC 4180).</summary>
public static class CsvSidecar
{
    /// <summary>The text.</summary>
    public static string Write(SidecarFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var text = new StringBuilder("layer,weight_bits,activation_bits\n");
        foreach (var layer in facts.Layers) text.Append(CultureInfo.InvariantCulture, $"{Field(layer.Name)},{layer.Bits.Weights.Bits},{layer.Bits.Activations.Bits}\n");
        return text.ToString();
    }

    private static string Field(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
