using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// A knapsack whose items are priced from above: what it finds leaves a part of the budget. Its limits are loosened as far as answers keep the
/// budget with their exact costs, by false position first, then by halves.
/// </summary>
internal static class LooseLimits
{
    private const int Tries = 20, TriesForAny = 60;

    /// <summary>Of the budget and of the limits' factor: nearer is near enough. As long as nothing was found, the factor that only the cheapest policy keeps is looked for.</summary>
    private const double Near = 1e-3, Nearest = 1e-12;

    /// <summary>Where no limit counts any more.</summary>
    private const double Unlimited = 1e9;

    /// <summary>The least damaging answer that was found within the budget; null where there is none. Its bound is the damage of the least damaging choices, whatever they cost.</summary>
    /// <param name="within">The knapsack with its limits times a factor; null where nothing keeps them.</param>
    /// <param name="admits">The policy keeps the budget.</param>
    /// <param name="filled">What a policy takes, as a share of the budget that it fills most.</param>
    public static KnapsackSolution? Solve(Func<double, KnapsackSolution?> within, Func<Policy, bool> admits, Func<Policy, double> filled)
    {
        if (within(Unlimited) is not { } free) return null;
        if (admits(free.Policy)) return free;
        KnapsackSolution? best = null;
        double factor = 1, low = 0, high = double.PositiveInfinity;
        for (int i = 0; i < (best is null ? TriesForAny : Tries) && high - low > (best is null ? Nearest : Near) * low; i++)
        {
            if (within(factor) is not { } found)
            {
                low = factor;
                factor = double.IsInfinity(high) ? factor * 2 : (low + high) / 2;
                continue;
            }
            double share = filled(found.Policy);
            if (admits(found.Policy))
            {
                if (best is null || found.Damage < best.Damage) best = found;
                if (share >= 1 - Near) break;
                low = factor;
            }
            else
            {
                high = factor;
            }
            double next = factor / share;
            factor = next > low && next < high ? next : double.IsInfinity(high) ? factor * 2 : (low + high) / 2;
        }
        return best is null ? null : best with { Bound = Math.Min(best.Damage, free.Damage) };
    }
}
