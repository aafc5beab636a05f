using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Haq.Engine.Numerics.Units;

/// <summary>A number with its unit, as in <c>58 ms</c>, <c>5 mJ</c>, <c>1.2 MB</c>, <c>1 %</c> or <c>0.6x</c>. Never negative, always finite.</summary>
/// <param name="Value">In the dimension's base unit: seconds, joules, bytes, percent, bits, or plain for a factor.</param>
/// <param name="Dimension">What is measured.</param>
public readonly record struct Quantity(double Value, Dimension Dimension)
{
    /// <summary>Parses a number and its unit, a space between them or not.</summary>
    /// <param name="text">For example <c>58 ms</c>.</param>
    /// <param name="accepted">The dimensions that make sense here.</param>
    /// <param name="quantity">What was read.</param>
    /// <param name="expectation">Where that fails: what was expected instead, to follow «'latency' is '58':».</param>
    public static bool TryParse(string text, ReadOnlySpan<Dimension> accepted, out Quantity quantity, out string expectation)
    {
        ArgumentNullException.ThrowIfNull(text);
        quantity = default;
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        int split = NumberLength(trimmed);
        string unit = trimmed[split..].TrimStart().ToString();
        if (!double.TryParse(trimmed[..split], NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || !double.IsFinite(number))
        {
            expectation = $"expected a number and its unit, for example {Example(accepted)}";
            return false;
        }
        if (number < 0)
        {
            expectation = "expected a quantity that is not negative";
            return false;
        }
        if (unit.Length == 0)
        {
            expectation = $"its unit is missing; accepted: {Accepted(accepted)}";
            return false;
        }
        if (!UnitTable.TryFind(unit, out var dimension, out double scale) || !accepted.Contains(dimension))
        {
            expectation = $"'{unit}' is not a unit of this; accepted: {Accepted(accepted)}{Meant(unit, accepted)}";
            return false;
        }
        expectation = "";
        quantity = new Quantity(number * scale, dimension);
        return true;
    }

    /// <summary>A regular expression (ECMA-262) of what <see cref="TryParse"/> takes, for a schema.</summary>
    public static string Pattern(ReadOnlySpan<Dimension> accepted)
    {
        var units = new List<string>();
        foreach (var dimension in accepted) units.AddRange(UnitTable.AllSymbolsOf(dimension).Select(Regex.Escape));
        return $@"^\s*([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*({string.Join('|', units)})\s*$";
    }

    /// <summary>The unit symbols of <paramref name="accepted"/>, for messages and documentation.</summary>
    public static string Accepted(ReadOnlySpan<Dimension> accepted)
    {
        var text = new StringBuilder();
        foreach (var dimension in accepted)
        {
            if (text.Length > 0) text.Append(", or ");
            text.AppendJoin(", ", UnitTable.SymbolsOf(dimension));
        }
        return text.ToString();
    }

    /// <summary>With a unit that keeps the number readable, for example <c>58 ms</c>.</summary>
    public override string ToString()
    {
        (double scale, string unit) = Dimension switch
        {
            Dimension.Duration => Value switch { 0 => (1, "s"), < 1e-6 => (1e-9, "ns"), < 1e-3 => (1e-6, "us"), < 1 => (1e-3, "ms"), < 60 => (1, "s"), < 3600 => (60, "min"), _ => (3600, "h") },
            Dimension.Energy => Value switch { 0 => (1, "J"), < 1e-9 => (1e-12, "pJ"), < 1e-6 => (1e-9, "nJ"), < 1e-3 => (1e-6, "uJ"), < 1 => (1e-3, "mJ"), _ => (1, "J") },
            Dimension.Size => Value switch { < 1e3 => (1, "B"), < 1e6 => (1e3, "kB"), < 1e9 => (1e6, "MB"), _ => (1e9, "GB") },
            Dimension.Percentage => (1.0, "%"),
            Dimension.Bits => (1.0, "bit"),
            _ => (1.0, "x"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{Value / scale:G6}{(Dimension == Dimension.Factor ? "" : " ")}{unit}");
    }

    // The longest prefix that reads as a number; an 'e' belongs to it only when digits follow (so that a unit may start with a letter).
    private static int NumberLength(ReadOnlySpan<char> text)
    {
        int i = 0;
        while (i < text.Length && (char.IsAsciiDigit(text[i]) || text[i] == '.' || (i == 0 && text[i] is '-' or '+'))) i++;
        if (i == 0 || i >= text.Length || text[i] is not ('e' or 'E')) return i;
        int exponent = i + 1;
        if (exponent < text.Length && text[exponent] is '-' or '+') exponent++;
        int digits = exponent;
        while (digits < text.Length && char.IsAsciiDigit(text[digits])) digits++;
        return digits > exponent ? digits : i;
    }

    private static string Example(ReadOnlySpan<Dimension> accepted)
    {
        var examples = new List<string>();
        foreach (var dimension in accepted)
        {
            examples.Add(dimension switch
            {
                Dimension.Duration => "'10 ms'",
                Dimension.Energy => "'5 mJ'",
                Dimension.Size => "'1.2 MB'",
                Dimension.Percentage => "'1 %'",
                Dimension.Bits => "'4.5 bit'",
                _ => "'0.6x'",
            });
        }
        return string.Join(" or ", examples);
    }

    private static string Meant(string unit, ReadOnlySpan<Dimension> accepted)
    {
        foreach (var dimension in accepted)
        {
            foreach (string symbol in UnitTable.SymbolsOf(dimension))
                if (symbol.Equals(unit, StringComparison.OrdinalIgnoreCase)) return $"; did you mean '{symbol}'?";
        }

        return "";
    }
}
