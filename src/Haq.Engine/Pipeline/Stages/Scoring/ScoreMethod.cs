using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Manifest;
using Haq.Engine.Quantization;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages.Scoring;

/// <summary>Which way of scoring a network's size allows.</summary>
internal static class ScoreMethod
{
    // Multiply-accumulates of all probes together: some two minutes on two cores. Beyond it second-order scores, which need a fiftieth of them, are the better bargain.
    private const double MostProbing = 3e12;

    // Four times as long, where the only other way knows nothing of what later layers make of an error.
    private const double MostProbingInstead = 4 * MostProbing;

    // Local passes cost little, so more samples than a probe's can be looked at.
    private const int SamplesPerProbeSample = 4, MostSamples = 512;

    /// <summary>The way in force, with <c>auto</c> resolved.</summary>
    /// <exception cref="HaqException">The network is too large for the way that is asked for (HAQ0701).</exception>
    public static SensitivityMethod Resolve(SensitivityMethod asked, QuantizableModel model, SearchSpace space, SearchEffort effort)
    {
        bool huge = model.Float.IsHuge;
        if (asked == SensitivityMethod.Fisher && huge)
        {
            throw DiagnosticCatalog.NoGradient.Error(model.Float.Name,
                "Fisher scores hold every weight of the network several times, and this one has more than a gigabyte of them. Use 'sensitivity: local', which holds one layer at a time, or 'sensitivity: probe'.");
        }
        if (asked != SensitivityMethod.Auto) return asked;
        if (huge) return SensitivityMethod.Local;
        return Probing(model, space, effort) <= MostProbing ? SensitivityMethod.Probe : SensitivityMethod.Fisher;
    }

    /// <summary>The way for networks whose gradients cannot be had, where Fisher scores were the choice: probes are the better ones, while they can be paid.</summary>
    public static SensitivityMethod WithoutGradients(QuantizableModel model, SearchSpace space, SearchEffort effort) =>
        Probing(model, space, effort) <= MostProbingInstead ? SensitivityMethod.Probe : SensitivityMethod.Local;

    private static double Probing(QuantizableModel model, SearchSpace space, SearchEffort effort) =>
        ProbeScorer.Measurements(space.Choices, space.Groups) * SearchEffort.CostOf(model.Survey.Macs, model.Layers.Length, effort.ProbeSamples);

    /// <summary>How many samples local passes look at.</summary>
    public static int Samples(int asked, SearchEffort effort) => Math.Min(asked, Math.Min(MostSamples, SamplesPerProbeSample * effort.ProbeSamples));
}
