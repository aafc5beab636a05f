using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>A knapsack's answer.</summary>
/// <param name="Policy">The bits.</param>
/// <param name="Damage">The sum of the scores of its choices.</param>
/// <param name="Bound">No affordable policy has less; equal to <paramref name="Damage"/> where that is proven to be the least.</param>
internal sealed record KnapsackSolution(Policy Policy, double Damage, double Bound)
{
    /// <summary>How far the policy can be from the optimum; 0 is proven optimal.</summary>
    public double Gap => Math.Max(0, Damage - Bound);
}
