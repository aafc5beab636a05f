using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Layers;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting;

/// <summary>What widths activations have, and what follows for who runs the file.</summary>
internal static class ActivationShares
{
    /// <summary>By width, ascending; empty where the report does not say how many numbers tensors hold.</summary>
    public static ImmutableArray<WidthShareFacts> Of(ImmutableArray<LayerFacts> layers)
    {
        var tensors = layers.GroupBy(l => (l.ActivationGroup, l.Chosen.Activations)).Select(g => (g.Key.Activations, Elements: (double)g.Max(l => l.ActivationElements))).ToList();
        double all = tensors.Sum(t => t.Elements);
        return all == 0 ? [] : [.. tensors.GroupBy(t => t.Activations).OrderBy(g => g.Key).Select(g => new WidthShareFacts(g.Key, g.Sum(t => t.Elements) / all))];
    }

    /// <summary>For example <c>of all activations 91 % have 8 bits, 9 % have 16 bits</c>; null where all have one width, or that is not known.</summary>
    public static string? Sentence(ReportModel report) => report.ActivationShares.Length < 2 ? null : "of all activations "
        + string.Join(", ", report.ActivationShares.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Share * 100:0.#} % {(s.Bits == Bitwidth.Max ? "stay in floating point" : $"have {s.Bits} bits")}")));

    /// <summary>What who runs the file must know of its widths; null where there is nothing.</summary>
    public static string? NoteOf(ImmutableArray<LayerFacts> layers) => layers.Any(l => l.Chosen.Activations is > 8 and < Bitwidth.Max)
        ? "This file is for an NPU: stock ONNX Runtime computes the same numbers from it on a processor, but has no integer kernels for activations of 16 bits and is not faster there than with the float model."
        : null;
}
