using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Haq.Engine.Layers;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest.Keys;

/// <summary>Sets of widths: one width, a range such as 2..8, or a list.</summary>
internal static class BitsKind
{
    private const int Min = 2, Max = 8;

    public static readonly ImmutableArray<Bitwidth> All = [.. Enumerable.Range(Min, Max - Min + 1).Select(bits => (Bitwidth)bits)];

    public static readonly ValueKind<ImmutableArray<Bitwidth>> Widths = new(
        Read, Schema, $"a width in {Min}..{Max}, 16 or float, a range such as 2..8, or a list such as [4, 8, 16]");

    private static ImmutableArray<Bitwidth> Read(YamlValue value)
    {
        if (value.IsSequence) return List(value);
        string text = value.AsText();
        int dots = text.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0) return [WidthText.Read(value, Min)];
        if (!TryWidth(text.AsSpan(0, dots), out int low) || !TryWidth(text.AsSpan(dots + 2), out int high) || low > high)
            throw value.Invalid($"expected a range within {Min}..{Max}, the narrower width first; wider ones go into a list, as in [{Min}, 4, {Max}, 16, float]");
        return [.. Enumerable.Range(low, high - low + 1).Select(bits => (Bitwidth)bits)];
    }

    private static ImmutableArray<Bitwidth> List(YamlValue value)
    {
        var widths = new SortedSet<Bitwidth>();
        foreach (var item in value.AsSequence())
            if (!widths.Add(WidthText.Read(item, Min))) throw item.Invalid("this width is in the list twice");
        return widths.Count > 0 ? [.. widths] : throw value.Invalid("expected at least one width");
    }

    private static bool TryWidth(ReadOnlySpan<char> text, out int bits) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out bits) && bits is >= Min and <= Max;

    private static JsonObject Schema()
    {
        static JsonObject Width() => new() { ["enum"] = new JsonArray([.. All.Select(w => (JsonNode)w.Bits), Bitwidth.Sixteen.Bits, Bitwidth.Max, WidthText.Float]) };
        return Kinds.AnyOf(
            Width(), Kinds.Matching($@"^\s*[{Min}-{Max}]\s*\.\.\s*[{Min}-{Max}]\s*$"),
            new JsonObject { ["type"] = "array", ["items"] = Width(), ["minItems"] = 1, ["uniqueItems"] = true });
    }
}
