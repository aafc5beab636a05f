using System.Collections.Immutable;
using Haq.Engine.Hardware;
using Haq.Engine.Quantization;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>The picture HAQ's paper draws: a bar per layer, weight bits upwards, activation bits downwards, coloured by what holds the layer up.</summary>
internal static class BitsChart
{
    private const int PixelsPerBit = 13;

    // Narrower bars cannot be told apart or pointed at; wider charts scroll.
    private const int NarrowestBar = 5;
    private const int WidestBar = 56;

    // Twice the bits are one step more beyond 8: 16 bits, then floating point. In proportion, nobody could tell 4 from 5 any more.
    private const int PixelsPerDoubling = 26;

    // Room for the numbers beyond the tallest bars.
    private const int Margin = 14;

    public static Markup Draw(ImmutableArray<LayerFacts> layers)
    {
        int tallest = Math.Max(8, layers.Max(l => Math.Max(Math.Max(l.Chosen.Weights, l.Chosen.Activations), Math.Max(l.At8Bit.Weights, l.At8Bit.Activations))));
        int half = Height(tallest), middle = half + Margin, height = 2 * middle;
        var html = new MarkupBuilder();
        html.Add($"<div class=\"axis-title\">weight bits ↑ · activation bits ↓</div>");
        html.Add($"<div class=\"scroll\" role=\"region\" aria-label=\"Bits of every layer, scrolls sideways\" tabindex=\"0\">");
        html.Add($"<div class=\"plot bits {Crowding(layers.Length)}\" style=\"min-width:{layers.Length * NarrowestBar + 60}px;max-width:{layers.Length * WidestBar + 60}px\">");
        html.Add($"<svg role=\"img\" width=\"100%\" height=\"{height}\" aria-labelledby=\"bits-t bits-d\" class=\"marks\">");
        html.Add($"<title id=\"bits-t\">Bits of every layer</title><desc id=\"bits-d\">{Describe(layers)}</desc>");
        Grid(html, tallest, middle);
        double slot = 100.0 / layers.Length;
        foreach (var layer in layers) Bar(html, layer, slot, middle);
        html.Add($"<line class=\"zero\" x1=\"0\" x2=\"100%\" y1=\"{middle}\" y2=\"{middle}\"/>");
        Numbers(html, layers.Length, slot, height);
        html.Add($"</svg></div></div>");
        Legend(html, layers);
        return html.ToMarkup();
    }

    private static int Height(int bits) => bits <= 8 ? bits * PixelsPerBit : 8 * PixelsPerBit + (int)Math.Round(Math.Log2(bits / 8.0) * PixelsPerDoubling);

    private static void Grid(MarkupBuilder html, int tallest, int middle)
    {
        html.Add($"<g class=\"grid\" aria-hidden=\"true\">");
        foreach (int bits in ((ReadOnlySpan<int>)[2, 4, 6, 8, 16, 32]).ToArray().Where(b => b <= tallest))
        {
            foreach (int y in (ReadOnlySpan<int>)[middle - Height(bits), middle + Height(bits)])
                html.Add($"<line x1=\"0\" x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/><text x=\"-8\" y=\"{y}\" dy=\".32em\" text-anchor=\"end\">{Figure.Width(bits)}</text>");
        }

        html.Add($"</g>");
    }

    private static void Bar(MarkupBuilder html, LayerFacts layer, double slot, int middle)
    {
        string left = PlotFrame.Coordinate(slot * (layer.Index + 0.1)), width = PlotFrame.Coordinate(slot * 0.8), centre = PlotFrame.Coordinate(slot * (layer.Index + 0.5));
        int up = layer.IsTensor ? 0 : Height(layer.Chosen.Weights), down = Height(layer.Chosen.Activations);
        html.Add($"<g class=\"mark {BoundStyle.Class(layer.Chosen.Bound)}\" data-layer=\"{layer.Index}\"><title>{LayerDetail.Of(layer)}</title>");
        html.Add($"<rect class=\"slot\" x=\"{PlotFrame.Coordinate(slot * layer.Index)}%\" width=\"{PlotFrame.Coordinate(slot)}%\" y=\"0\" height=\"{2 * middle}\"/>");
        html.Add($"<rect class=\"fill\" x=\"{left}%\" width=\"{width}%\" y=\"{middle - up}\" height=\"{up}\"/>");
        html.Add($"<rect class=\"fill lower\" x=\"{left}%\" width=\"{width}%\" y=\"{middle}\" height=\"{down}\"/>");
        html.Add($"<text class=\"value\" x=\"{centre}%\" y=\"{middle - up - 3}\">{(layer.IsTensor ? "" : Figure.Width(layer.Chosen.Weights))}</text><text class=\"value\" x=\"{centre}%\" y=\"{middle + down + 11}\">{Figure.Width(layer.Chosen.Activations)}</text>");
        if (layer.Pinned is not null) html.Add($"<circle class=\"pin\" cx=\"{centre}%\" cy=\"{middle}\" r=\"2.6\"/>");
        if (layer.Depthwise) html.Add($"<rect class=\"depthwise\" x=\"{left}%\" width=\"{width}%\" y=\"{2 * middle + 1}\" height=\"3\"/>");
        html.Add($"</g>");
    }

    private static void Numbers(MarkupBuilder html, int layers, double slot, int height)
    {
        int every = layers switch { <= 12 => 1, <= 60 => 5, <= 150 => 10, <= 400 => 20, _ => 50 };
        html.Add($"<g class=\"grid\" aria-hidden=\"true\">");
        for (int i = 0; i < layers; i += every)
            html.Add($"<text x=\"{PlotFrame.Coordinate(slot * (i + 0.5))}%\" y=\"{height + 22}\" text-anchor=\"middle\">{i}</text>");
        html.Add($"</g>");
    }

    private static void Legend(MarkupBuilder html, ImmutableArray<LayerFacts> layers)
    {
        html.Add($"<ul class=\"legend\">");
        foreach (var bound in layers.Select(l => l.Chosen.Bound).Distinct().Order())
            html.Add($"<li><svg width=\"18\" height=\"12\" aria-hidden=\"true\"><g class=\"{BoundStyle.Class(bound)}\"><rect class=\"fill\" width=\"18\" height=\"12\"/></g></svg>{BoundStyle.Clause(bound)}</li>");
        if (layers.Any(l => l.Pinned is not null))
            html.Add($"<li><svg width=\"12\" height=\"12\" aria-hidden=\"true\"><circle class=\"pin\" cx=\"6\" cy=\"6\" r=\"3\"/></svg>pinned, not chosen</li>");
        if (layers.Any(l => l.Depthwise))
            html.Add($"<li><svg width=\"18\" height=\"12\" aria-hidden=\"true\"><rect class=\"depthwise\" y=\"5\" width=\"18\" height=\"3\"/></svg>depthwise</li>");
        html.Add($"</ul>");
    }

    private static string Describe(ImmutableArray<LayerFacts> layers)
    {
        var weights = layers.Select(l => l.Chosen.Weights);
        var activations = layers.Select(l => l.Chosen.Activations);
        string bounds = string.Join(", ", layers.GroupBy(l => l.Chosen.Bound).OrderBy(g => g.Key).Select(g => $"{g.Count()} {BoundStyle.Clause(g.Key)}"));
        return $"{layers.Length} {(layers.Length == 1 ? "layer" : "layers")}; weights {Range(weights)}, activations {Range(activations)}; {bounds}. The table of layers holds every figure.";
    }

    private static string Range(IEnumerable<int> widths) => $"{Figure.Width(widths.Min())} to {Figure.Bits(widths.Max())}{(widths.Max() == Layers.Bitwidth.Max ? "" : "s")}";

    // How many bars there are decides from which width on the numbers fit into them.
    private static string Crowding(int layers) => layers switch { <= 32 => "few", <= 64 => "some", _ => "many" };
}
