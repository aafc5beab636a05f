using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Results;

/// <summary>What every choice costs, which choices there are, and what may be spent.</summary>
/// <param name="Costs">By layer and bits, for the hardware's batch.</param>
/// <param name="Space">The choices.</param>
/// <param name="Budget">Absolute limits.</param>
/// <param name="EightBit">All layers at 8 bit: what factors of latency and energy refer to.</param>
/// <param name="FloatSizeBits">The float32 model's parameters: what factors of size refer to.</param>
public sealed record Pricing(CostTable Costs, SearchSpace Space, Budget Budget, NetworkCost EightBit, long FloatSizeBits)
{
    /// <summary>All free layers at one width, pinned ones as they are; null where the hardware cannot compute with it.</summary>
    public required Func<LayerBits, Policy?> UniformPair { get; init; }

    /// <summary>Weights of 8 bits and activations of 16 throughout, where the hardware and the manifest have a choice of both; null elsewhere.</summary>
    public Policy? UniformWide
    {
        get
        {
            bool isChoice = Enumerable.Range(0, Space.Layers).Any(i => Space.ActivationsOf(i) is { Length: > 1 } widths && widths.Contains(Bitwidth.Sixteen));
            return isChoice ? UniformPair(new LayerBits(Bitwidth.Eight, Bitwidth.Sixteen)) : null;
        }
    }

    /// <summary>The same at one width for both.</summary>
    public Policy? Uniform(int bits) => UniformPair(LayerBits.Uniform(new Bitwidth(bits)));
}
