using System.Collections.Immutable;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// Moves after a knapsack that could not prove its answer, as costs between choices had too many cycles: where a change of one group's width makes tensors agree that are joined, it may cost less
/// and hurt less at once.
/// </summary>
internal static class WidthMoves
{
    private const int MostRounds = 8;

    /// <summary>The policy after all single moves that hurt less within the budget, or as much and cost less time.</summary>
    public static Policy Improve(Policy policy, SearchSpace space, CostTable costs, Func<Policy, bool> admits, Func<int, LayerBits, double> damage)
    {
        for (int round = 0; round < MostRounds; round++)
        {
            bool moved = false;
            foreach (var group in space.Groups)
            {
                double seconds = costs.PriceWhole(policy).LatencySeconds;
                foreach (var width in space.ActivationsOf(group[0]).ToArray())
                {
                    if (width == policy[group[0]].Activations || Moved(policy, space, group, width) is not { } candidate || !admits(candidate)) continue;
                    double change = group.Sum(i => damage(i, candidate[i]) - damage(i, policy[i]));
                    double after = costs.PriceWhole(candidate).LatencySeconds;
                    if (!(change < 0) && !(change == 0 && after < seconds)) continue;
                    (policy, seconds, moved) = (candidate, after, true);
                }
            }
            if (!moved) break;
        }
        return policy;
    }

    private static Policy? Moved(Policy policy, SearchSpace space, ImmutableArray<int> group, Bitwidth width)
    {
        foreach (int member in group)
        {
            var bits = policy[member] with { Activations = width };
            if (!space.ChoicesOf(member).Contains(bits)) return null;
            policy = policy.With(member, bits);
        }
        return policy;
    }
}
