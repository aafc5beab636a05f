using System.Collections.Immutable;

namespace Haq.Engine.Numerics.Units;

/// <summary>The units that may be written, each with its size in the dimension's base unit (seconds, joules, bytes, percent, one).</summary>
internal static class UnitTable
{
    private static readonly ImmutableArray<(string Symbol, Dimension Dimension, double Scale)> s_units =
    [
        ("ns", Dimension.Duration, 1e-9), ("us", Dimension.Duration, 1e-6), ("µs", Dimension.Duration, 1e-6), ("μs", Dimension.Duration, 1e-6),
        ("ms", Dimension.Duration, 1e-3), ("s", Dimension.Duration, 1), ("min", Dimension.Duration, 60), ("h", Dimension.Duration, 3600),
        ("pJ", Dimension.Energy, 1e-12), ("nJ", Dimension.Energy, 1e-9), ("uJ", Dimension.Energy, 1e-6), ("µJ", Dimension.Energy, 1e-6),
        ("μJ", Dimension.Energy, 1e-6), ("mJ", Dimension.Energy, 1e-3), ("J", Dimension.Energy, 1),
        ("B", Dimension.Size, 1), ("kB", Dimension.Size, 1e3), ("KB", Dimension.Size, 1e3), ("MB", Dimension.Size, 1e6), ("GB", Dimension.Size, 1e9),
        ("KiB", Dimension.Size, 1024), ("MiB", Dimension.Size, 1024 * 1024), ("GiB", Dimension.Size, 1024 * 1024 * 1024),
        ("%", Dimension.Percentage, 1), ("bit", Dimension.Bits, 1), ("bits", Dimension.Bits, 1), ("x", Dimension.Factor, 1), ("×", Dimension.Factor, 1),
    ];

    /// <summary>The unit written <paramref name="symbol"/>; units are case-sensitive (mJ is not MJ).</summary>
    public static bool TryFind(string symbol, out Dimension dimension, out double scale)
    {
        foreach (var unit in s_units)
        {
            if (unit.Symbol != symbol) continue;
            (dimension, scale) = (unit.Dimension, unit.Scale);
            return true;
        }
        (dimension, scale) = (default, 0);
        return false;
    }

    /// <summary>The symbols of a dimension that can be typed on any keyboard, smallest unit first.</summary>
    public static IEnumerable<string> SymbolsOf(Dimension dimension) =>
        s_units.Where(u => u.Dimension == dimension && char.IsAscii(u.Symbol[0]) && u.Symbol != "KB").Select(u => u.Symbol);

    /// <summary>Every symbol of a dimension.</summary>
    public static IEnumerable<string> AllSymbolsOf(Dimension dimension) => s_units.Where(u => u.Dimension == dimension).Select(u => u.Symbol);
}
