using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Manifest;
using Haq.Engine.Quantization;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages.Scoring;

/// <summary>Which way of scoring a network's size allows.</summary>
internal static class ScoreMethod
{
    // Multiply-accumulates of all probes together: about a second on two cores, which is what second-order scores take at least. Where probes take longer, those need a fraction of them, and searches
    // that start from them end as well.
    private const double MostProbing = 3e10;

    // Some minutes, where the only other way knows nothing of what later layers make of an error.
    private const double MostProbingInstead = 1.2e13;

    // What is spent on a network of gigabytes.
    private const double MostOfHuge = 3e12;

    // Local passes cost little, so more samples than a probe's can be looked at.
    private const int SamplesPerProbeSample = 2, FewestOfHuge = 4, ForwardAndBackward = 3;

    /// <summary>The way in force, with <c>auto</c> resolved.</summary>
    public static SensitivityMethod Resolve(SensitivityMethod asked, QuantizableModel model, SearchSpace space, SearchEffort effort)
    {
        if (asked != SensitivityMethod.Auto) return asked;
        // One quantized network of gigabytes takes half a minute to make ready.
        if (model.Float.IsHuge) return SensitivityMethod.Fisher;
        return Probing(model, space, effort) <= MostProbing ? SensitivityMethod.Probe : SensitivityMethod.Fisher;
    }

    /// <summary>The way for networks whose gradients cannot be had, where Fisher scores were the choice: probes are the better ones, while they can be paid.</summary>
    public static SensitivityMethod WithoutGradients(QuantizableModel model, SearchSpace space, SearchEffort effort) =>
        !model.Float.IsHuge && Probing(model, space, effort) <= MostProbingInstead ? SensitivityMethod.Probe : SensitivityMethod.Local;

    private static double Probing(QuantizableModel model, SearchSpace space, SearchEffort effort) =>
        ProbeScorer.Measurements(space.Choices, space.Groups) * SearchEffort.CostOf(model.Survey.Macs, model.Layers.Length, effort.ProbeSamples);

    /// <summary>How many samples are looked at where each layer runs by itself.</summary>
    public static int Samples(int asked, QuantizableModel model, SearchSpace space, SearchEffort effort)
    {
        int most = SamplesPerProbeSample * effort.ProbeSamples;
        if (model.Float.IsHuge)
        {
            // There and back through the network, and each choice through its layer.
            double each = model.Survey.Macs * (ForwardAndBackward + (double)ProbeScorer.Measurements(space.Choices, space.Groups) / Math.Max(1, model.Layers.Length));
            most = (int)Math.Clamp(MostOfHuge / Math.Max(1, each), FewestOfHuge, most);
        }
        return Math.Min(asked, most);
    }
}
