using System.CommandLine;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Tool.Options;

/// <summary><c>--bits 4,6,w4a8</c>: uniform policies.</summary>
internal static class BitsOption
{
    public static Option<string[]> Create(string description, string name = "--bits") => new(name)
    {
        Description = description,
        HelpName = "WIDTHS",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    /// <exception cref="HaqException">An item is not a width or a pair (HAQ0211).</exception>
    public static LayerBits[] Parse(string[] values)
    {
        var bits = new List<LayerBits>();
        foreach (string value in values)
        {
            foreach (string item in value.Split(',', StringSplitOptions.TrimEntries))
            {
                bits.Add(Item(value, item));
            }
        }
        return [.. bits];
    }

    /// <summary>One width or pair.</summary>
    /// <exception cref="HaqException">It is none (HAQ0211).</exception>
    public static LayerBits One(string value) => Item(value, value);

    private static LayerBits Item(string value, string item)
    {
        if (LayerBits.TryParse(item, out var pair)) return pair;
        string nearest = WidthText.TryParse(item, Bitwidth.Min, out _, out string expectation)
            || !expectation.Contains("nearest", StringComparison.Ordinal) ? "" : expectation[expectation.IndexOf(';', StringComparison.Ordinal)..];
        throw DiagnosticCatalog.BitsSyntax.Error((SourceLocation?)null,
            $"'--bits {value}' has '{item}', which is not a width{nearest}. Write 1..8, 16 or float, or a pair as in w4a8 or w8a16; floating-point weights (32) go with floating-point activations only.");
    }
}
