using System.Text.RegularExpressions;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>One layer in one sentence, for pointers, keyboards and screen readers.</summary>
internal static partial class LayerDetail
{
    /// <summary>The shape with signs for arrows and products: <c>Conv 3×3/2×2 32→64 56×56</c>.</summary>
    public static string Shape(LayerFacts layer) => Product().Replace(layer.Shape.Replace("->", "→", StringComparison.Ordinal), "×");

    public static string Of(LayerFacts layer)
    {
        var chosen = layer.Chosen;
        string pinned = layer.Pinned is { } reason ? $" (pinned: {reason})" : "";
        string energy = chosen.Energy is { } e ? $", {Figure.Energy(e.TotalMj)}" : "";
        return $"{layer.Index} {layer.Name} · {Shape(layer)} · {(layer.IsTensor ? "" : $"weights {Figure.Bits(chosen.Weights)}, ")}activations {Figure.Bits(chosen.Activations)}{pinned} · "
            + $"{Figure.Time(chosen.LatencyMs)} ({Figure.Time(layer.At8Bit.LatencyMs)} at 8 bit){energy} · {BoundStyle.Clause(chosen.Bound)}";
    }

    [GeneratedRegex(@"(?<=\d)x(?=\d)")]
    private static partial Regex Product();
}
