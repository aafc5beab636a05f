using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>A knapsack's answer.</summary>
/// <param name="Policy">The bits.</param>
/// <param name="Damage">The sum of the scores of its choices.</param>
/// <param name="Bound">No affordable policy has less; equal to <paramref name="Damage"/> where that is proven to be the least.</param>
internal sealed record KnapsackSolution(Policy Policy, double Damage, double Bound)
{
    // Sums of the same scores in another order differ by this much.
    private const double Rounding = 1e-12;

    /// <summary>How far the damage can be above the optimum, as a share of it; 0 is proven optimal.</summary>
    public double RelativeGap => Damage - Bound <= Rounding * Math.Abs(Damage) ? 0 : (Damage - Bound) / Math.Max(Math.Abs(Damage), double.Epsilon);
}
