using System.Globalization;

namespace Haq.Engine.Reporting;

/// <summary>Numbers as people read them: three significant digits, a unit that fits, a true minus sign.</summary>
internal static class Figure
{
    public const string Unknown = "–";

    private const char Minus = '\u2212';

    /// <summary>The same behind ≈ where it is an estimate.</summary>
    public static string Estimate(double? value, bool? isEstimate) => isEstimate == true ? $"≈ {Short(value)}" : Short(value);

    /// <summary>Three significant digits, without an exponent between 0.0001 and 10^6.</summary>
    public static string Short(double? value)
    {
        if (value is not { } number || !double.IsFinite(number)) return Unknown;
        if (number == 0) return "0";
        double size = Math.Abs(number);
        string text = size switch
        {
            >= 1e6 or < 1e-4 => number.ToString("0.##E+0", CultureInfo.InvariantCulture).Replace("E+", "e", StringComparison.Ordinal).Replace("E", "e", StringComparison.Ordinal),
            >= 100 => number.ToString("#,0", CultureInfo.InvariantCulture),
            >= 10 => number.ToString("0.0", CultureInfo.InvariantCulture),
            >= 1 => number.ToString("0.00", CultureInfo.InvariantCulture),
            // As many decimals as three significant digits take.
            _ => number.ToString("F" + (2 - (int)Math.Floor(Math.Log10(size))).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
        };
        return text.Replace('-', Minus);
    }

    /// <summary>A width in a column of widths: the bits, or <c>float</c>.</summary>
    public static string Width(int bits) => Layers.WidthText.Of(new Layers.Bitwidth(bits));

    /// <summary>A width in a sentence.</summary>
    public static string Bits(int bits) => bits == Layers.Bitwidth.Max ? Layers.WidthText.Float : $"{bits.ToString(CultureInfo.InvariantCulture)} bit";

    /// <summary>Milliseconds; below a hundredth, microseconds.</summary>
    public static string Time(double? ms) =>
        ms is not { } value ? Unknown
        : value >= 1e4 ? $"{Short(value / 1e3)} s"
        : value >= 0.01 || value == 0 ? $"{Short(value)} ms"
        : $"{Short(value * 1e3)} µs";

    /// <summary>A cosine similarity, with the digits in which good ones differ.</summary>
    public static string Cosine(double? value) => value is { } cosine ? cosine.ToString("0.00000", CultureInfo.InvariantCulture) : Unknown;

    /// <summary>A ratio in decibels.</summary>
    public static string Decibels(double? value) => value is { } ratio ? $"{Short(ratio)} dB" : Unknown;

    public static string Energy(double? mj) =>
        mj is not { } value ? Unknown
        : value >= 1e3 ? $"{Short(value / 1e3)} J"
        : value >= 0.01 || value == 0 ? $"{Short(value)} mJ"
        : $"{Short(value * 1e3)} µJ";

    /// <summary>Decimal kilobytes and megabytes.</summary>
    public static string Bytes(double? bytes) =>
        bytes is not { } value ? Unknown
        : value >= 1e9 ? $"{Short(value / 1e9)} GB"
        : value >= 1e6 ? $"{Short(value / 1e6)} MB"
        : value >= 1e3 ? $"{Short(value / 1e3)} kB"
        : $"{value.ToString("0", CultureInfo.InvariantCulture)} B";

    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture).Replace('-', Minus);

    /// <summary>Large counts in words: 13.6 million.</summary>
    public static string Rounded(long value) =>
        value >= 1_000_000_000 ? $"{Short(value / 1e9)} billion" : value >= 1_000_000 ? $"{Short(value / 1e6)} million" : Count(value);

    /// <summary>A share given in percent, two decimals: 92.38 %.</summary>
    public static string Percent(double? percent) =>
        percent is { } value ? value.ToString("0.00", CultureInfo.InvariantCulture) + " %" : Unknown;

    /// <summary>A share given as 0..1, in percent.</summary>
    public static string Share(double? share) => share is { } value ? Short(value * 100) + " %" : Unknown;

    /// <summary>A signed difference in percentage points.</summary>
    public static string Points(double? points) =>
        points is not { } value ? Unknown : (value < -0.005 ? Minus.ToString() : value > 0.005 ? "+" : "±") + Math.Abs(value).ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>Axis labels: 0.001, 0.5, 20, 5k, 2M.</summary>
    public static string Tick(double value)
    {
        double size = Math.Abs(value);
        string text = size >= 1e9 ? Plain(value / 1e9) + "G" : size >= 1e6 ? Plain(value / 1e6) + "M" : size >= 1e4 ? Plain(value / 1e3) + "k" : size is > 0 and < 1e-4
            ? value.ToString("0.#E+0", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal)
            : Plain(value);
        return text.Replace('-', Minus);
    }

    private static string Plain(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
