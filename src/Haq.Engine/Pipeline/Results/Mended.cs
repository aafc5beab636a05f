using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Pipeline.Results;

/// <summary>A choice after it was looked at.</summary>
/// <param name="Bits">Weights and activations of every layer, in turn.</param>
/// <param name="What">What was left wider; null where nothing was.</param>
/// <param name="IsUnaffordable">Something would have to be wider, but the budget has no room for it.</param>
internal sealed record Mended(ImmutableArray<int> Bits, MendingFacts? What, bool IsUnaffordable)
{
    /// <summary>A choice that stands.</summary>
    public static Mended Nothing(Policy policy, bool isUnaffordable = false) => new(SearchOutcome.Flatten(policy), null, isUnaffordable);
}
