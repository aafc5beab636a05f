using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Ddpg;

/// <summary>
/// HAQ's way under the budget: rounds over the layers, last first, each lowering the activations and then the weights by one step, until the cost fits.
/// </summary>
internal static class SequentialProjection
{
    /// <summary>The policy brought under the budget; null where even the narrowest choices are above it. Never raises a width.</summary>
    public static Policy? Apply(SearchSpace space, CostTable costs, Budget budget, Policy policy)
    {
        var bits = policy.Bits.ToArray();
        while (!budget.Admits(costs.PriceWhole(new Policy([.. bits]))))
        {
            bool lowered = false;
            for (int layer = bits.Length - 1; layer >= 0; layer--)
            {
                if (LowerActivations(space, bits, layer))
                {
                    lowered = true;
                    if (budget.Admits(costs.PriceWhole(new Policy([.. bits])))) break;
                }
                if (LowerWeights(space, bits, layer))
                {
                    lowered = true;
                    if (budget.Admits(costs.PriceWhole(new Policy([.. bits])))) break;
                }
            }
            if (!lowered) return null;
        }
        return new Policy([.. bits]);
    }

    // A group's activations go down together, when its first layer's turn comes.
    private static bool LowerActivations(SearchSpace space, LayerBits[] bits, int layer)
    {
        var group = space.GroupOf(layer);
        if (group[0] != layer) return false;
        var widths = space.ActivationsOf(layer);
        for (int at = widths.IndexOf(bits[layer].Activations) - 1; at >= 0; at--)
        {
            var activations = widths[at];
            if (!group.All(member => space.ChoicesOf(member).Contains(bits[member] with { Activations = activations }))) continue;
            foreach (int member in group) bits[member] = bits[member] with { Activations = activations };
            return true;
        }
        return false;
    }

    private static bool LowerWeights(SearchSpace space, LayerBits[] bits, int layer)
    {
        var widths = space.WeightsOf(layer, bits[layer].Activations);
        int at = widths.IndexOf(bits[layer].Weights);
        if (at <= 0) return false;
        bits[layer] = bits[layer] with { Weights = widths[at - 1] };
        return true;
    }
}
