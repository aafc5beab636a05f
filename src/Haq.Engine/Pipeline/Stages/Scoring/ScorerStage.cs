using Haq.Engine.Data;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Manifest;
using Haq.Engine.Numerics;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline.Stages.Scoring;

/// <param name="Method">The way of scoring, <c>auto</c> resolved.</param>
/// <param name="Otherwise">The way where that one does not work, as nobody asked for it by name; null where somebody did.</param>
/// <param name="Local">What the ways need that look at each layer by itself; null for probes.</param>
internal sealed record ScorerInputs(SensitivityMethod Method, SensitivityMethod? Otherwise, LocalScoring? Local);

/// <param name="Quantizer">What gives the numbers.</param>
/// <param name="Samples">What is looked at.</param>
/// <param name="Output">The output that counts; null for the main one.</param>
/// <param name="Counts">Which other outputs count.</param>
/// <param name="Seed">Of every random choice.</param>
/// <param name="Threads">Of gradients.</param>
internal sealed record LocalScoring(Handle<PostTrainingQuantizer> Quantizer, Handle<IDataset> Samples, string? Output, OutputChoice Counts, ulong Seed, int Threads);

/// <summary>What makes scores, given what probes are measured with.</summary>
internal sealed class ScorerStage : Stage<ScorerInputs, Func<IPolicyEvaluator, ISensitivityScorer>>
{
    public override string Name => "score";

    public override int Version => StageVersions.Score;

    public override Func<IPolicyEvaluator, ISensitivityScorer> Run(ScorerInputs inputs, StageScope scope)
    {
        var layers = OfLayers(inputs);
        if (inputs.Local is not { } local) return layers;
        return prober => local.Quantizer.Value.Model is { Tensors.IsEmpty: false } model ? new WithTensorProbes(layers(prober), prober, model.Layers.Length) : layers(prober);
    }

    private static Func<IPolicyEvaluator, ISensitivityScorer> OfLayers(ScorerInputs inputs) => inputs switch
    {
        { Method: SensitivityMethod.Sqnr } => prober => new ProbeScorer(prober, ProbeDamage.RelativeNoise),
        { Method: SensitivityMethod.Local, Local: { } local } => _ => local.Quantizer.Value is { Model.Float.IsHuge: true } huge
            ? new LayerNoiseScorer(huge)
            : new LocalErrorScorer(local.Quantizer.Value, local.Samples.Value),
        { Method: SensitivityMethod.Fisher, Otherwise: { } other, Local: { } local } => prober => new FisherOrOther(Fisher(local), OfLayers(inputs with { Method = other, Otherwise = null })(prober)),
        { Method: SensitivityMethod.Fisher, Local: { } local } => _ => Fisher(local),
        _ => prober => new ProbeScorer(prober),
    };

    private static ISensitivityScorer Fisher(LocalScoring local)
    {
        var (quantizer, samples, random) = (local.Quantizer.Value, local.Samples.Value, new SeededRandom(local.Seed).Fork("fisher"));
        bool every = local.Counts.Every(samples);
        return quantizer.Model.Float.IsHuge
            ? new StreamedFisherScorer(quantizer, samples, random, local.Output, local.Threads) { EveryOutput = every }
            : new FisherScorer(quantizer, samples, random, local.Output, local.Threads) { EveryOutput = every };
    }
}
