using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>The network as a graph, layers as boxes and tensors between them as circles, each with its activations' width: where wide numbers are needed is seen at a glance.</summary>
internal static class GraphChart
{
    private const int Step = 30, Node = 9, Margin = 16;

    /// <summary>The report knows tensors between layers, and what each is made from.</summary>
    public static bool CanDraw(ReportModel report) => report.Layers.Any(l => l.IsTensor) && report.Layers.Any(l => l.Sources.Length > 0);

    public static Markup Write(ReportModel report)
    {
        var layers = report.Layers;
        var (column, row) = Places(layers);
        int width = (column.Max() + 1) * Step + 2 * Margin, height = (row.Max() + 1) * Step + 2 * Margin;
        var html = new MarkupBuilder();
        html.Add($"<figure><div class=\"scroll\" role=\"region\" aria-label=\"Graph of the network, scrolls sideways\" tabindex=\"0\"><div class=\"plot graph\" style=\"width:{width}px\">");
        html.Add($"<svg role=\"img\" width=\"{width}\" height=\"{height}\" aria-labelledby=\"graph-t graph-d\"><title id=\"graph-t\">Widths on the graph</title><desc id=\"graph-d\">{Describe(report)}</desc>");
        html.Add($"<g class=\"wires\" aria-hidden=\"true\">");
        foreach (var layer in layers)
            foreach (int source in layer.Sources) html.Add($"<path d=\"{new Markup(Wire(At(source), At(layer.Index)))}\"/>");
        html.Add($"</g>");
        foreach (var layer in layers.OrderBy(l => column[l.Index]).ThenBy(l => row[l.Index]))
        {
            var (x, y) = At(layer.Index);
            html.Add($"<g class=\"mark {Class(layer)}\" data-layer=\"{layer.Index}\"><title>{LayerDetail.Of(layer)}</title>");
            if (layer.IsTensor) html.Add($"<circle class=\"node\" cx=\"{x}\" cy=\"{y}\" r=\"{Node}\"/>");
            else html.Add($"<rect class=\"node\" x=\"{x - Node}\" y=\"{y - Node}\" width=\"{2 * Node}\" height=\"{2 * Node}\"/>");
            html.Add($"<text x=\"{x}\" y=\"{y}\" dy=\".34em\" text-anchor=\"middle\">{(layer.Chosen.Activations == Layers.Bitwidth.Max ? "f" : Figure.Width(layer.Chosen.Activations))}</text></g>");
        }
        html.Add($"</svg></div></div>");
        html.Add($"<p class=\"detail\" data-detail=\"\" aria-live=\"polite\">Boxes are layers, with the width that they read; circles are tensors between them; f is floating point. Point at one for its figures.</p></figure>");
        return html.ToMarkup();

        (int X, int Y) At(int item) => (Margin + column[item] * Step + Step / 2, Margin + row[item] * Step + Step / 2);
    }

    private static string Wire((int X, int Y) from, (int X, int Y) to)
    {
        int left = from.X + Node, right = to.X - Node, bend = Math.Max(6, (right - left) / 2);
        return string.Create(CultureInfo.InvariantCulture, $"M{left} {from.Y}C{left + bend} {from.Y} {right - bend} {to.Y} {right} {to.Y}");
    }

    private static string Class(LayerFacts layer) => layer.Chosen.Activations switch { < 8 => "narrow", 8 => "eight", Layers.Bitwidth.Max => "real", _ => "wide" };

    private static string Describe(ReportModel report) =>
        string.Join("; ", report.Layers.GroupBy(l => l.Chosen.Activations).OrderBy(g => g.Key).Select(g => $"{g.Count()} at {Figure.Bits(g.Key)}")) + ". The table of layers holds every figure.";

    // As far right as its sources make it, and as near to them as others in the column leave room.
    private static (int[] Column, int[] Row) Places(ImmutableArray<LayerFacts> layers)
    {
        int[] column = new int[layers.Length], row = new int[layers.Length];
        bool[] known = new bool[layers.Length];
        int ColumnOf(int item)
        {
            var open = new Stack<int>([item]);
            while (open.TryPeek(out int at))
            {
                int next = layers[at].Sources.FirstOrDefault(s => !known[s] && !open.Contains(s), -1);
                if (next >= 0)
                {
                    open.Push(next);
                    continue;
                }
                column[at] = layers[at].Sources.Where(s => known[s]).Select(s => column[s] + 1).DefaultIfEmpty(0).Max();
                known[open.Pop()] = true;
            }
            return column[item];
        }
        foreach (var stack in layers.GroupBy(l => ColumnOf(l.Index)).OrderBy(g => g.Key))
        {
            int free = 0;
            foreach (var (item, wanted) in stack.Select(l =>
                (l.Index, Wanted: l.Sources.Where(s => column[s] < stack.Key).Select(s => (double)row[s]).DefaultIfEmpty(0).Average())).OrderBy(p =>
                p.Wanted).ThenBy(p => p.Index))
            {
                row[item] = Math.Max(free, (int)Math.Round(wanted));
                free = row[item] + 1;
            }
        }
        return (column, row);
    }
}
