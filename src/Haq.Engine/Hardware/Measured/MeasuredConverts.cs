using System.Globalization;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Measured;

/// <summary>
/// What changing the width of a tensor takes, from rows of a measured table whose layer is <c>Convert N</c>, with N numbers in the tensor of one batch: the width before stands under
/// weight_bits, the width after under activation_bits.
/// </summary>
internal sealed class MeasuredConverts
{
    private const string Prefix = "Convert ";

    private readonly Dictionary<(Bitwidth From, Bitwidth To), (long Elements, double Seconds, double? Joules)[]> _byWidths;

    public MeasuredConverts(IEnumerable<MeasuredEntry> entries) =>
        _byWidths = entries.GroupBy(e => (WidthOf(e.Bits.Weights), WidthOf(e.Bits.Activations)))
            .ToDictionary(g => g.Key, g => g.Select(e => (Elements: ElementsOf(e.Layer)!.Value, e.Seconds, e.Joules)).DistinctBy(p => p.Elements).OrderBy(p => p.Elements).ToArray());

    /// <summary>None was measured.</summary>
    public bool IsEmpty => _byWidths.Count == 0;

    /// <summary>The name of the row for a tensor of so many numbers.</summary>
    public static string NameOf(long elements) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{elements}");

    /// <summary>The numbers in the tensor of a row with that name; null where it is the row of a layer.</summary>
    public static long? ElementsOf(string layer) =>
        layer.StartsWith(Prefix, StringComparison.Ordinal) && long.TryParse(layer.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long elements) ? elements : null;

    /// <summary>
    /// Seconds and joules of a change, between the nearest measured sizes in proportion to the numbers in the tensor and beyond them in proportion to the nearest; nothing where that change was
    /// not measured at all.
    /// </summary>
    public (double Seconds, double? Joules) For(long elements, Bitwidth from, Bitwidth to)
    {
        if (!_byWidths.TryGetValue((WidthOf(from), WidthOf(to)), out var points)) return (0, 0);
        int above = Array.FindIndex(points, p => p.Elements >= elements);
        if (above < 0) return Scaled(points[^1]);
        if (above == 0) return Scaled(points[0]);
        var (low, high) = (points[above - 1], points[above]);
        double share = (double)(elements - low.Elements) / (high.Elements - low.Elements);
        return (low.Seconds + (high.Seconds - low.Seconds) * share, low.Joules is { } a && high.Joules is { } b ? a + (b - a) * share : null);

        (double, double?) Scaled((long Elements, double Seconds, double? Joules) point) => elements < point.Elements
            ? (point.Seconds, point.Joules)
            : (point.Seconds * elements / point.Elements, point.Joules * elements / point.Elements);
    }

    // Integers of up to 8 bits are stored alike.
    private static Bitwidth WidthOf(Bitwidth width) => width <= Bitwidth.Eight ? Bitwidth.Eight : width;
}
