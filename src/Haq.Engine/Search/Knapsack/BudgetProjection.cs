using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>The affordable policy nearest to a wanted one.</summary>
internal static class BudgetProjection
{
    // Among changes that the scores call free, the smallest one.
    private const double Nudge = 1e-9;

    /// <summary>
    /// The affordable policy that adds least damage to <paramref name="wanted"/>: by the scores where there are any, else by the squared distance in bits.
    /// Null where no policy is affordable. A policy that is affordable already stays as it is.
    /// </summary>
    public static Policy? Nearest(SearchSpace space, CostTable costs, Budget budget, Policy wanted, SensitivityTable? scores = null) =>
        Nearest(space, costs, budget, wanted, scores is null ? null : scores.Of);

    /// <summary>The same by any additive damage.</summary>
    public static Policy? Nearest(SearchSpace space, CostTable costs, Budget budget, Policy wanted, Func<int, LayerBits, double>? scores)
    {
        if (space.Contains(wanted) && budget.Admits(costs.PriceWhole(wanted))) return wanted;
        double Damage(int layer, LayerBits bits)
        {
            double weights = bits.Weights - wanted[layer].Weights, activations = bits.Activations - wanted[layer].Activations;
            double distance = weights * weights + activations * activations;
            if (scores is null) return distance;
            return Math.Max(0, scores(layer, bits) - scores(layer, wanted[layer])) + Nudge * distance;
        }
        return new PolicyKnapsack(space, costs, budget, Damage).Solve()?.Policy;
    }
}
