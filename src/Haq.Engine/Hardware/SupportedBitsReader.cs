using Haq.Engine.Layers;
using Haq.Engine.Yaml;

namespace Haq.Engine.Hardware;

/// <summary>Reads <c>bits</c> of a hardware file: <c>{weights: [2, 4, 8], activations: [8]}</c> or <c>{pairs: [w8a8, w4a8]}</c>.</summary>
internal static class SupportedBitsReader
{
    private static readonly string[] s_lists = ["weights", "activations"];

    public static SupportedBits Read(YamlValue bits)
    {
        if (bits.IsSequence)
        {
            var both = Widths(bits);
            return SupportedBits.Product(both, both);
        }
        var mapping = bits.AsMapping();
        mapping.RejectUnknownKeys([.. s_lists, "pairs"]);
        if (mapping.Find("pairs") is { } pairs)
        {
            if (s_lists.Any(list => mapping.Find(list) is not null)) throw bits.Invalid("expected either pairs, or weights and activations");
            return new SupportedBits(NotEmpty(pairs).Select(Pair));
        }
        return SupportedBits.Product(
            Widths(mapping.Require("weights", "the widths of weights that it computes with")),
            Widths(mapping.Require("activations", "the widths of activations that it computes with")));
    }

    private static int[] Widths(YamlValue list) => [.. NotEmpty(list).Select(item => WidthText.Read(item, Bitwidth.Min).Bits)];

    private static LayerBits Pair(YamlValue item) =>
        LayerBits.TryParse(item.AsText(), out var bits) ? bits : throw item.Invalid("expected a pair of widths, as in w4a8 (1..8, 16 or 32, which is float)");

    private static IReadOnlyList<YamlValue> NotEmpty(YamlValue list) =>
        list.AsSequence() is { Count: > 0 } items ? items : throw list.Invalid("expected at least one item, as in [4, 8]");
}
