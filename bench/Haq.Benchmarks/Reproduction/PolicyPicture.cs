using System.Globalization;
using System.Text;
using Haq.Engine.Layers;

namespace Haq.Benchmarks.Reproduction;

/// <summary>
/// Policies of one network for several targets under each other, as the paper draws them: a bar per layer, weight bits upwards, activation bits downwards. SVG, for light and dark pages.
/// </summary>
internal static class PolicyPicture
{
    private const int Left = 34, Right = 12, Head = 56, PerBit = 7, Widest = 8, Panel = 2 * Widest * PerBit, Title = 26, Foot = 22, Width = 760;

    /// <summary>Draws them.</summary>
    /// <param name="network">The network's title.</param>
    /// <param name="letters">A letter per layer, as in <see cref="CellResult.Layers"/>.</param>
    /// <param name="policies">A caption and bits for each.</param>
    public static string Draw(string network, string letters, IReadOnlyList<(string Caption, string Bits)> policies)
    {
        int height = Head + policies.Count * (Title + Panel) + Foot;
        var body = new StringBuilder();
        body.Append(CultureInfo.InvariantCulture, $"<text class=\"t\" x=\"{Left}\" y=\"18\">{network}: bits of every layer</text>\n");
        Legend(body, letters.Contains('d', StringComparison.Ordinal));
        double slot = (double)(Width - Left - Right) / letters.Length;
        for (int i = 0; i < policies.Count; i++) Draw(body, policies[i].Caption, policies[i].Bits, letters, Head + i * (Title + Panel), slot);
        for (int layer = 0; layer < letters.Length; layer += letters.Length > 20 ? 5 : 1)
            body.Append(CultureInfo.InvariantCulture, $"<text class=\"n\" x=\"{Left + (layer + 0.5) * slot:0.#}\" y=\"{height - 6}\" text-anchor=\"middle\">{layer}</text>\n");
        string told = string.Join("; ", policies.Select(p => p.Caption));
        return $$"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{Width}} {{height}}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="{{network}}: weight bits upwards and activation bits downwards, layer by layer; {{told}}">
            <style>
            svg { background: #ffffff } text { fill: #1f2328 } .t { font-weight: 600 } .n { font-size: 10px; fill: #59636e } .g { stroke: #d1d9e0 } .z { stroke: #59636e }
            .w { fill: #2f6fb0 } .wd { fill: #7fb0e0 } .a { fill: #b35a00 } .ad { fill: #e5a35c }
            @media (prefers-color-scheme: dark) { svg { background: #0d1117 } text { fill: #e6edf3 } .n { fill: #9198a1 } .g { stroke: #2f3742 } .z { stroke: #9198a1 }
            .w { fill: #58a6ff } .wd { fill: #a9d2ff } .a { fill: #db8a3a } .ad { fill: #f2c490 } }
            </style>
            {{body}}</svg>

            """.ReplaceLineEndings("\n");
    }

    private static void Legend(StringBuilder body, bool hasDepthwise)
    {
        (string Class, string Text)[] entries = [("w", "weights"), ("wd", "weights, depthwise"), ("a", "activations"), ("ad", "activations, depthwise")];
        int x = Left;
        foreach (var (style, text) in entries.Where(e => hasDepthwise || e.Class.Length == 1))
        {
            body.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"{x}\" y=\"29\" width=\"12\" height=\"12\"/><text x=\"{x + 17}\" y=\"39\">{text}</text>\n");
            x += 40 + 7 * text.Length;
        }
    }

    private static void Draw(StringBuilder body, string caption, string bits, string letters, int top, double slot)
    {
        int zero = top + Title + Panel / 2;
        body.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{top + 15}\">{caption}</text>\n");
        foreach (int width in (ReadOnlySpan<int>)[-8, -4, 4, 8])
        {
            int y = zero - width * PerBit;
            body.Append(CultureInfo.InvariantCulture, $"<line class=\"g\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y}\" y2=\"{y}\"/>");
            body.Append(CultureInfo.InvariantCulture, $"<text class=\"n\" x=\"{Left - 6}\" y=\"{y + 3}\" text-anchor=\"end\">{Math.Abs(width)}</text>\n");
        }
        string[] layers = bits.Split(' ');
        for (int layer = 0; layer < layers.Length; layer++)
        {
            if (!LayerBits.TryParse(layers[layer], out var pair)) throw new FormatException($"'{layers[layer]}' is no pair of widths");
            string depthwise = letters[layer] == 'd' ? "d" : "";
            double x = Left + (layer + 0.1) * slot;
            int up = Math.Min(Widest, pair.Weights.Bits) * PerBit, down = Math.Min(Widest, pair.Activations.Bits) * PerBit;
            body.Append(CultureInfo.InvariantCulture, $"<rect class=\"w{depthwise}\" x=\"{x:0.#}\" y=\"{zero - up}\" width=\"{slot * 0.8:0.#}\" height=\"{up}\"/>");
            body.Append(CultureInfo.InvariantCulture, $"<rect class=\"a{depthwise}\" x=\"{x:0.#}\" y=\"{zero}\" width=\"{slot * 0.8:0.#}\" height=\"{down}\"/>\n");
        }
        body.Append(CultureInfo.InvariantCulture, $"<line class=\"z\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{zero}\" y2=\"{zero}\"/>\n");
    }
}
