namespace Haq.Engine.Hardware;

/// <summary>What one layer costs at given bits, for the whole batch.</summary>
/// <param name="Cycles">Clock cycles, stalls included; 0 where the target has no clock (a measured table).</param>
/// <param name="Seconds">Latency.</param>
/// <param name="Energy">Null where the target has no energy model.</param>
/// <param name="Dram">DRAM traffic.</param>
/// <param name="Terms">What each resource contributes.</param>
/// <param name="Utilization">Share of the peak multiply-accumulate rate at these bits, 0..1; 0 where unknown.</param>
public readonly record struct LayerCost(long Cycles, double Seconds, Energy? Energy, DramBits Dram, CostTerms Terms, double Utilization)
{
    /// <summary>Two costs one after the other; utilization is the first one's.</summary>
    public LayerCost Plus(in LayerCost other) => new(
        Cycles + other.Cycles, Seconds + other.Seconds, Energy is { } a && other.Energy is { } b ? a + b : null, Dram + other.Dram,
        new CostTerms(Terms.Compute + other.Terms.Compute, Terms.WeightFetch + other.Terms.WeightFetch, Terms.ActivationFetch
            + other.Terms.ActivationFetch, Terms.OutputWrite + other.Terms.OutputWrite),
        Utilization);

    /// <summary>What this costs more than <paramref name="other"/>, part by part; nothing where it costs less.</summary>
    public LayerCost Beyond(in LayerCost other) => new(
        Math.Max(0, Cycles - other.Cycles), Math.Max(0, Seconds - other.Seconds), Energy is { } a && other.Energy is { } b ? a.Beyond(b) : null, Dram.Beyond(other.Dram),
        new CostTerms(
            Math.Max(0, Terms.Compute - other.Terms.Compute), Math.Max(0, Terms.WeightFetch - other.Terms.WeightFetch),
            Math.Max(0, Terms.ActivationFetch - other.Terms.ActivationFetch), Math.Max(0, Terms.OutputWrite - other.Terms.OutputWrite)),
        0);

    /// <summary>The larger of both, part by part.</summary>
    public LayerCost OrMore(in LayerCost other) =>
        Plus(other.Beyond(this)) with { Energy = Energy is { } a && other.Energy is { } b ? a + b.Beyond(a) : Energy ?? other.Energy };

    /// <summary>Neither time nor energy.</summary>
    public bool IsNothing => Seconds <= 0 && Energy is not { Total: > 0 };

    /// <summary>The largest term.</summary>
    public Bound Bound => Terms.Largest;
}
