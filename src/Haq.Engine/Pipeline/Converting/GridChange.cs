using System.Globalization;
using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Onnx;

namespace Haq.Engine.Pipeline.Converting;

/// <summary>A tensor whose grid is written in another way, is another one, is new, or is gone.</summary>
public sealed record GridChange
{
    internal GridChange(string tensor, string node, GridRole role, TensorGrid? before, TensorGrid? after)
    {
        (Tensor, Node, Role) = (tensor, node, role);
        (Before, After) = (before is null ? null : Describe(before), after is null ? null : Describe(after));
        Effect = before is null ? GridEffect.Added
            : after is null ? role == GridRole.Bias ? GridEffect.Exact : GridEffect.Removed
            : IsSame(role, before, after) ? GridEffect.Exact : GridEffect.Moved;
    }

    /// <summary>The tensor, by the name that it had.</summary>
    public string Tensor { get; }

    /// <summary>A node that reads or makes it.</summary>
    public string Node { get; }

    /// <summary>What it is to that node.</summary>
    public GridRole Role { get; }

    /// <summary>The grid that it had, in words; null for none.</summary>
    public string? Before { get; }

    /// <summary>The grid that it has, in words; null for none: reals.</summary>
    public string? After { get; }

    /// <summary>What the change does.</summary>
    public GridEffect Effect { get; }

    /// <summary>Both grids hold the same reals, as far as the old one's integers reach.</summary>
    internal static bool IsSame(GridRole role, TensorGrid before, TensorGrid after)
    {
        if (before.Scales.IsEmpty || after.Scales.IsEmpty || before.ZeroPoints.IsEmpty || after.ZeroPoints.IsEmpty || before.Block != after.Block) return false;
        int count = Math.Max(before.Scales.Length, after.Scales.Length);
        if ((before.Scales.Length != 1 && before.Scales.Length != count) || (after.Scales.Length != 1 && after.Scales.Length != count)) return false;
        for (int i = 0; i < count; i++)
            if (At(before.Scales, i) != At(after.Scales, i) || ZeroOf(before, i) != ZeroOf(after, i)) return false;
        // An activation that is beyond an end becomes that end; a constant never is.
        return role == GridRole.Activation ? before.Bits == after.Bits : after.Bits >= before.Bits;
    }

    private static T At<T>(IReadOnlyList<T> values, int index) => values[values.Count == 1 ? 0 : index];

    // Counted from the middle of the type, so that signed and unsigned integers compare.
    private static long ZeroOf(TensorGrid grid, int index)
    {
        var (min, max) = ElementTypes.IntegerRange(grid.Type);
        return At(grid.ZeroPoints, index) - (min == 0 ? (max + 1) / 2 : 0);
    }

    private static string Describe(TensorGrid grid)
    {
        string scale = grid.Scales switch
        {
            [] => "scale computed",
            [var one] => string.Create(CultureInfo.InvariantCulture, $"scale {one:G6}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{grid.Scales.Length} scales {grid.Scales.Min():G4} to {grid.Scales.Max():G4}{(grid.Block > 0 ? $", blocks of {grid.Block}" : "")}"),
        };
        string zero = grid.ZeroPoints switch
        {
            [] => "zero point computed",
            _ when grid.ZeroPoints.All(z => z == grid.ZeroPoints[0]) => string.Create(CultureInfo.InvariantCulture, $"zero point {grid.ZeroPoints[0]}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"zero points {grid.ZeroPoints.Min()} to {grid.ZeroPoints.Max()}"),
        };
        return $"{ElementTypes.NameOf(grid.Type)}, {scale}, {zero}";
    }
}
