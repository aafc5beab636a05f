using System.Globalization;
using Haq.Engine.Yaml;

namespace Haq.Engine.Layers;

/// <summary>Widths as people write them: 1..8 and 16 bits of integers, and <c>float</c>, which is also written 32.</summary>
public static class WidthText
{
    /// <summary>The name of 32-bit floating point.</summary>
    public const string Float = "float";

    private const int WidestNarrow = 8, Half = 16;

    /// <summary>What may be written, for messages.</summary>
    /// <param name="least">The narrowest width.</param>
    public static string Form(int least) => string.Create(CultureInfo.InvariantCulture, $"a width: {least}..{WidestNarrow}, {Half} or {Float}");

    /// <summary>The width as it is shown: the number of bits, or <c>float</c>.</summary>
    public static string Of(Bitwidth width) => width.IsFloat ? Float : width.ToString();

    /// <summary>Reads a width.</summary>
    /// <param name="text">As written.</param>
    /// <param name="least">The narrowest width that is taken.</param>
    /// <param name="width">The width.</param>
    /// <param name="expectation">What is wrong otherwise, with the nearest width that there is; empty where the text was read.</param>
    public static bool TryParse(string text, int least, out Bitwidth width, out string expectation)
    {
        ArgumentNullException.ThrowIfNull(text);
        (width, expectation) = (default, "");
        if (text == Float)
        {
            width = Bitwidth.Float;
            return true;
        }
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int bits))
        {
            expectation = $"expected {Form(least)}";
            return false;
        }
        if ((bits >= least && bits <= WidestNarrow) || bits is Half or Bitwidth.Max)
        {
            width = new Bitwidth(bits);
            return true;
        }
        expectation = $"expected {Form(least)}{Nearest(bits, least)}";
        return false;
    }

    /// <summary>The width that a file gives.</summary>
    /// <param name="value">Where it stands.</param>
    /// <param name="least">The narrowest width that is taken.</param>
    /// <exception cref="Diagnostics.HaqException">It is no width (HAQ0004).</exception>
    public static Bitwidth Read(YamlValue value, int least)
    {
        ArgumentNullException.ThrowIfNull(value);
        return TryParse(value.AsText(), least, out var width, out string expectation) ? width : throw value.Invalid(expectation);
    }

    private static string Nearest(int bits, int least)
    {
        if (bits < least) return string.Create(CultureInfo.InvariantCulture, $"; the nearest is {least}");
        if (bits > Bitwidth.Max) return $"; the widest is {Float}";
        int nearest = bits - WidestNarrow < Half - bits ? WidestNarrow : bits - Half < Bitwidth.Max - bits ? Half : Bitwidth.Max;
        return $"; the nearest is {Of(new Bitwidth(nearest))}";
    }
}
