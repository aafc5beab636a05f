using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>The paper's cross-hardware study: policies made for one target, priced on the others.</summary>
public static class CrossHardware
{
    /// <summary>Prices every policy on every target.</summary>
    /// <param name="simulations">One network on each target.</param>
    /// <param name="policies">For example one made for each target.</param>
    /// <returns><c>[policy][target]</c>; null where a target cannot compute with the policy's widths.</returns>
    public static ImmutableArray<ImmutableArray<NetworkCost?>> Price(IReadOnlyList<Simulation> simulations, IReadOnlyList<Policy> policies) =>
        [.. policies.Select(policy => simulations.Select(on => Holds(on, policy) ? on.Costs.PriceWhole(policy) : (NetworkCost?)null).ToImmutableArray())];

    private static bool Holds(Simulation simulation, Policy policy)
    {
        foreach (var bits in policy.Bits)
            if (!simulation.Holds(bits)) return false;
        return true;
    }
}
