using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Repairs;

/// <summary>What was asked for that explains outputs far from float's. Where nothing does, such a network is mended, and an error where it cannot be.</summary>
internal static class Excuse
{
    /// <summary>A policy that was given, training, an objective, widths, or a budget; null for none.</summary>
    public static string? Of(HaqManifest manifest, SearchOutcome outcome, Pricing pricing)
    {
        if (outcome.IsGiven) return "policy";
        if (manifest.Finetune is not null) return "training";
        // Whole files are chosen by what they are within the time that was given.
        if (outcome.Regions is not null) return manifest.Budget.Latency is not null ? "budget" : null;
        var policy = outcome.Policy;
        if (!IsNarrow(policy) || Eight(policy, pricing) is not null && manifest.Objective == SearchObjective.Accuracy) return null;
        if (manifest.Objective != SearchObjective.Accuracy) return "objective";
        return pricing.Uniform(Bitwidth.Eight) is { } eight && pricing.Space.Contains(eight) ? "budget" : "widths";
    }

    /// <summary>All of a narrower policy at 8 bits, where the manifest allows them and the budget has room; null elsewhere.</summary>
    public static Policy? Eight(Policy policy, Pricing pricing) =>
        IsNarrow(policy) && pricing.Uniform(Bitwidth.Eight) is { } eight && pricing.Space.Contains(eight) && pricing.Budget.Admits(pricing.Costs.PriceWhole(eight)) ? eight : null;

    /// <summary>Something has fewer than 8 bits.</summary>
    public static bool IsNarrow(Policy policy) => policy.Bits.ToArray().Any(b => b.Weights < Bitwidth.Eight || b.Activations < Bitwidth.Eight);
}
