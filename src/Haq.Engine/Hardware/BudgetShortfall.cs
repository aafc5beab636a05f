using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics.Units;

namespace Haq.Engine.Hardware;

/// <summary>A limit that no policy meets.</summary>
/// <param name="Quantity">What is limited.</param>
/// <param name="Written">The limit as the user wrote it.</param>
/// <param name="Limit">The same, absolute: seconds, joules, bits, or bits of a weight.</param>
/// <param name="Baseline">What factors are of, in the same unit.</param>
/// <param name="Floor">The least that is possible.</param>
public sealed record BudgetShortfall(CostQuantity Quantity, BudgetLimit Written, double Limit, double Baseline, BudgetFloor Floor)
{
    // Rounding up to four digits keeps the suggestion readable and feasible.
    private const double Digits = 1e4;

    /// <summary>The nearest limit that can be met, written as the user wrote it: a factor for a factor. Rounded up.</summary>
    public Quantity Nearest => Written.Quantity.Dimension == Dimension.Factor
        ? new Quantity(RoundUp(Floor.Value / Baseline), Dimension.Factor)
        : Absolute(RoundUp(Floor.Value));

    /// <summary>The error HAQ0203 where the limit was written.</summary>
    public HaqException Error()
    {
        string key = Quantity switch { CostQuantity.EffectiveBits => "effective-bits", CostQuantity.File => "file-size", _ => Quantity.ToString().ToLowerInvariant() };
        string asked = Written.Quantity.Dimension == Dimension.Factor
            ? $"{Written.Quantity} (that is {Absolute(Limit)})" : Written.Quantity.ToString();
        string names = string.Join(", ", Floor.HeldUpBy.Select(s =>
            string.Create(CultureInfo.InvariantCulture, $"'{s.Name}' ({s.Share:P0}{(s.IsPinned ? ", pinned" : "")})")));
        bool pinned = Floor.HeldUpBy.Any(s => s.IsPinned);
        string next = $"Allow {Nearest}{(pinned ? ", or free a pinned layer under 'layers:'" : "")}.";
        return DiagnosticCatalog.BudgetInfeasible.Error(
            Written.Location, $"{key} {asked} is below the floor, {Absolute(Floor.Value)}, held up by {names}. {next}");
    }

    private Quantity Absolute(double value) => Quantity switch
    {
        CostQuantity.Latency => new Quantity(value, Dimension.Duration),
        CostQuantity.Energy => new Quantity(value, Dimension.Energy),
        CostQuantity.EffectiveBits => new Quantity(value, Dimension.Bits),
        _ => new Quantity(value / 8, Dimension.Size),
    };

    private static double RoundUp(double value)
    {
        if (value <= 0) return 0;
        double scale = Digits / Math.Pow(10, Math.Ceiling(Math.Log10(value)));
        return Math.Ceiling(value * scale) / scale;
    }
}
