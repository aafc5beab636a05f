using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>Spends what a policy leaves of a budget: single changes that hurt less, those that gain most first, as long as the budget is kept.</summary>
internal static class SpareBudget
{
    private const int MostRounds = 8;

    /// <summary>The policy after the changes; the same one where none is affordable.</summary>
    /// <param name="policy">Within the budget.</param>
    /// <param name="space">What may be chosen.</param>
    /// <param name="admits">A policy keeps the budget.</param>
    /// <param name="damage">How much a choice hurts.</param>
    public static Policy Spend(Policy policy, SearchSpace space, Func<Policy, bool> admits, Func<int, LayerBits, double> damage)
    {
        for (int round = 0; round < MostRounds; round++)
        {
            bool isMoved = false;
            var moved = new HashSet<int>();
            foreach (var (group, choice, _) in Moves(policy, space, damage).OrderBy(m => m.Change))
            {
                if (moved.Contains(group)) continue;
                var candidate = policy;
                foreach (var (layer, bits) in choice) candidate = candidate.With(layer, bits);
                if (!admits(candidate)) continue;
                (policy, isMoved) = (candidate, true);
                moved.Add(group);
            }
            if (!isMoved) break;
        }
        return policy;
    }

    // Layers of a group read the same tensor, in one width; their weights are chosen one layer at a time.
    private static IEnumerable<(int Group, ImmutableArray<(int Layer, LayerBits Bits)> Choice, double Change)> Moves(Policy policy, SearchSpace space, Func<int, LayerBits, double> damage)
    {
        double Change(IEnumerable<(int Layer, LayerBits Bits)> choice) => choice.Sum(c => damage(c.Layer, c.Bits) - damage(c.Layer, policy[c.Layer]));
        for (int g = 0; g < space.Groups.Length; g++)
        {
            var group = space.Groups[g];
            var choices = new List<ImmutableArray<(int Layer, LayerBits Bits)>>();
            foreach (int layer in group)
            {
                foreach (var weights in space.WeightsOf(layer, policy[layer].Activations).ToArray()) choices.Add([(layer, policy[layer] with { Weights = weights })]);
            }
            foreach (var width in space.ActivationsOf(group[0]).ToArray()) choices.Add([.. group.Select(layer => (layer, policy[layer] with { Activations = width }))]);
            foreach (var choice in choices)
            {
                bool isAllowed = choice.All(c => space.ChoicesOf(c.Layer).Contains(c.Bits));
                if (isAllowed && Change(choice) is < 0 and var change) yield return (g, choice, change);
            }
        }
    }
}
