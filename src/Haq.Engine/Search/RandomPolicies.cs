using Haq.Engine.Layers;
using Haq.Engine.Numerics;

namespace Haq.Engine.Search;

/// <summary>Policies drawn at random from a search space: what scores are held against.</summary>
public static class RandomPolicies
{
    // With fewer bits most random policies have collapsed, and the order among the collapsed says nothing.
    private const int FewestBits = 4;

    /// <summary>Every width drawn evenly from those of at least 4 bits, from all where there are none.</summary>
    public static Policy Anywhere(SearchSpace space, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(random);
        var bits = new LayerBits[space.Layers];
        foreach (var group in space.Groups)
        {
            var activations = Draw([.. space.ActivationsOf(group[0])], random);
            foreach (int member in group) bits[member] = new LayerBits(Draw([.. space.WeightsOf(member, activations)], random), activations);
        }
        return new Policy([.. bits]);
    }

    /// <summary>A policy with each width moved by one step with a probability of <paramref name="share"/>.</summary>
    public static Policy Near(SearchSpace space, Policy policy, double share, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(random);
        var bits = policy.Bits.ToArray();
        foreach (var group in space.Groups)
        {
            var activations = Step([.. space.ActivationsOf(group[0])], bits[group[0]].Activations, share, random);
            foreach (int member in group)
            {
                Bitwidth[] weights = [.. space.WeightsOf(member, activations)];
                bits[member] = new LayerBits(Step(weights, weights.Contains(bits[member].Weights) ? bits[member].Weights : weights[^1], share, random), activations);
            }
        }
        return new Policy([.. bits]);
    }

    private static Bitwidth Draw(Bitwidth[] widths, SeededRandom random)
    {
        Bitwidth[] wide = [.. widths.Where(w => w >= FewestBits)];
        return wide.Length > 0 ? wide[random.Next(wide.Length)] : widths[random.Next(widths.Length)];
    }

    private static Bitwidth Step(Bitwidth[] ascending, Bitwidth from, double share, SeededRandom random)
    {
        if (random.NextDouble() >= share) return from;
        int to = Array.IndexOf(ascending, from) + (random.NextDouble() < 0.5 ? -1 : 1);
        return to >= 0 && to < ascending.Length ? ascending[to] : from;
    }
}
