using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>One layer in one sentence, for pointers, keyboards and screen readers.</summary>
internal static class LayerDetail
{
    public static string Of(LayerFacts layer)
    {
        var chosen = layer.Chosen;
        string pinned = layer.Pinned is { } reason ? $" (pinned: {reason})" : "";
        string energy = chosen.Energy is { } e ? $", {Figure.Energy(e.TotalMj)}" : "";
        return $"{layer.Index} {layer.Name} · {layer.Shape.Replace("->", "→", StringComparison.Ordinal)} · weights {chosen.Weights} bit, activations {chosen.Activations} bit{pinned} · "
            + $"{Figure.Time(chosen.LatencyMs)} ({Figure.Time(layer.At8Bit.LatencyMs)} at 8 bit){energy} · {BoundStyle.Clause(chosen.Bound)}";
    }
}
