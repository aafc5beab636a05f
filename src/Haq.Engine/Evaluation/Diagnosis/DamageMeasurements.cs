using Haq.Engine.Evaluation.Compiled;
using Haq.Engine.Layers;
using Haq.Engine.Quantization;

namespace Haq.Engine.Evaluation.Diagnosis;

/// <summary>What measures a network that is diagnosed, here or elsewhere, with the same figures.</summary>
/// <param name="Variants">Measures what <see cref="LayerVariants"/> names.</param>
/// <param name="Probes">Measures policies with the quantizer's own numbers, in the network's graph.</param>
public sealed record DamageMeasurements(IPolicyEvaluator Variants, IPolicyEvaluator Probes)
{
    /// <summary>In this process.</summary>
    public static DamageMeasurements Here(PostTrainingQuantizer quantizer, QuantizedModel whole, EvaluationSet set)
    {
        ArgumentNullException.ThrowIfNull(quantizer);
        ArgumentNullException.ThrowIfNull(set);
        return new DamageMeasurements(new Measured(set, OpenVariants(whole, set)), new Measured(set, OpenProbes(quantizer, whole, set)));
    }

    /// <summary>Makes variants of a network ready. For several callers.</summary>
    internal static Func<Policy, INetwork> OpenVariants(QuantizedModel whole, EvaluationSet set)
    {
        var variants = new LayerVariants(whole);
        return policy => set.OpenVariant(whole, variants.Variant(policy));
    }

    /// <summary>Makes policies ready in the graph of a network. For several callers.</summary>
    internal static Func<Policy, INetwork> OpenProbes(PostTrainingQuantizer quantizer, QuantizedModel whole, EvaluationSet set) =>
        policy => set.OpenVariant(whole, quantizer.Quantize(policy));

    private sealed class Measured(EvaluationSet set, Func<Policy, INetwork> open) : IPolicyEvaluator
    {
        public PolicyScore Float => set.Float;

        public PolicyScore Evaluate(Policy policy, CancellationToken cancellation)
        {
            using var network = open(policy);
            return set.Summarize(set.Run(network.Run, cancellation));
        }
    }
}
