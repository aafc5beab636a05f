using System.Collections.Concurrent;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>What the layers of a policy cost with every output in its consumers' width: each combination of widths is priced once.</summary>
/// <param name="rowOf">Layers of one row cost the same.</param>
/// <param name="price">A layer at its widths, with an output of a width.</param>
/// <param name="outputOf">The width of a layer's output under a policy.</param>
internal sealed class WholePrices(int[] rowOf, Func<int, LayerBits, Bitwidth, LayerCost> price, Func<int, Policy, Bitwidth> outputOf)
{
    private readonly ConcurrentDictionary<(int Row, LayerBits Bits, Bitwidth Output), LayerCost> _known = new();

    /// <summary>By layer.</summary>
    public LayerCost[] Of(Policy policy)
    {
        var costs = new LayerCost[rowOf.Length];
        for (int i = 0; i < costs.Length; i++)
        {
            var key = (rowOf[i], policy[i], outputOf(i, policy));
            if (!_known.TryGetValue(key, out var cost)) cost = _known[key] = price(i, policy[i], key.Item3);
            costs[i] = cost;
        }
        return costs;
    }
}
