using System.Globalization;
using System.Text.Json;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Manifest;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Scores every choice by itself, or takes the scores from the cache: budgets, targets with the same widths, and strategies share them.</summary>
internal static class ScoreStage
{
    private const string FileName = "scores.json";

    // Multiply-accumulates of all probes together: some two minutes on two cores. Beyond it second-order scores, which need a fiftieth of them, are the better bargain.
    private const double MostProbing = 3e12;

    // Local passes cost little, so more samples than a probe's can be looked at.
    private const int SamplesPerProbeSample = 4, MostSamples = 512;

    /// <summary>The way of scoring in force, with <c>auto</c> resolved by the size of the network.</summary>
    public static SensitivityMethod MethodOf(Workspace workspace, SearchEffort effort)
    {
        var asked = workspace.Options.Sensitivity ?? workspace.Manifest.Search.Sensitivity;
        bool huge = workspace.Model.Float.IsHuge;
        if (asked == SensitivityMethod.Fisher && huge)
        {
            throw DiagnosticCatalog.NoGradient.Error(workspace.Model.Float.Name,
                "Fisher scores hold every weight of the network several times, and this one has more than a gigabyte of them. Use 'sensitivity: local', which holds one layer at a time, or 'sensitivity: probe'.");
        }
        if (asked != SensitivityMethod.Auto) return asked;
        if (huge) return SensitivityMethod.Local;
        var space = workspace.Pricing.Space;
        double probing = (double)ProbeScorer.Measurements(space.Choices, space.Groups) * effort.ProbeSamples * workspace.Model.Survey.Macs;
        return probing <= MostProbing ? SensitivityMethod.Probe : SensitivityMethod.Fisher;
    }

    /// <summary>The scores, if the cache has them.</summary>
    public static SensitivityTable? Find(Workspace workspace, SensitivityMethod method) =>
        workspace.Options.Cache.Find(KeyOf(workspace, method)) is { } folder ? Read(folder) : null;

    /// <summary>Puts scores into the cache.</summary>
    public static void Keep(Workspace workspace, SensitivityMethod method, SensitivityTable table) =>
        workspace.Options.Cache.GetOrCreate(KeyOf(workspace, method),
            dir => File.WriteAllBytes(Path.Combine(dir, FileName), JsonSerializer.SerializeToUtf8Bytes(ScoreRecord.Of(table), SearchOutcomeJson.Default.ScoreRecord)),
            null, workspace.Cancellation);

    /// <summary>Makes the scores where they are not known yet.</summary>
    public static SensitivityTable Run(Workspace workspace, SearchMeasuring measuring, SensitivityMethod method)
    {
        if (Find(workspace, method) is { } known) return known;
        workspace.Report("score", $"scoring every choice by itself ({method.ToString().ToLowerInvariant()})");
        var space = workspace.Pricing.Space;
        var table = ScorerOf(workspace, measuring, method)(measuring.Probes ?? measuring.Evaluator).Score(space.Choices, space.Groups, workspace.Cancellation);
        Keep(workspace, method, table);
        return table;
    }

    /// <summary>What makes the scores, given what probes are measured with.</summary>
    public static Func<IPolicyEvaluator, ISensitivityScorer> ScorerOf(Workspace workspace, SearchMeasuring measuring, SensitivityMethod method)
    {
        var layers = LayerScorerOf(workspace, measuring, method);
        bool probes = method is not (SensitivityMethod.Local or SensitivityMethod.Fisher);
        return probes || workspace.Model.Tensors.IsEmpty ? layers : prober => new WithTensorProbes(layers(prober), prober, workspace.Model.Layers.Length);
    }

    private static Func<IPolicyEvaluator, ISensitivityScorer> LayerScorerOf(Workspace workspace, SearchMeasuring measuring, SensitivityMethod method) => method switch
    {
        SensitivityMethod.Sqnr => prober => new ProbeScorer(prober, ProbeDamage.RelativeNoise),
        SensitivityMethod.Local when workspace.Model.Float.IsHuge => _ => new LayerNoiseScorer(workspace.Quantizer),
        SensitivityMethod.Local => _ => new LocalErrorScorer(workspace.Quantizer, Samples(workspace, measuring.Effort)),
        SensitivityMethod.Fisher when IsFree(workspace) => prober => new FisherOrProbes(Fisher(workspace, measuring.Effort), new ProbeScorer(prober)),
        SensitivityMethod.Fisher => _ => Fisher(workspace, measuring.Effort),
        _ => prober => new ProbeScorer(prober),
    };

    private static bool IsFree(Workspace workspace) => (workspace.Options.Sensitivity ?? workspace.Manifest.Search.Sensitivity) == SensitivityMethod.Auto;

    private static FisherScorer Fisher(Workspace workspace, SearchEffort effort) =>
        new(workspace.Quantizer, Samples(workspace, effort), workspace.Random.Fork("fisher"), workspace.Manifest.Metric.Output, workspace.Options.Threads);

    private static IDataset Samples(Workspace workspace, SearchEffort effort)
    {
        int most = Math.Min(workspace.Manifest.Search.Samples, Math.Min(MostSamples, SamplesPerProbeSample * effort.ProbeSamples));
        return DatasetSplit.Choose(workspace.Data.Search, most, workspace.Random.Fork("score samples"));
    }

    private static SensitivityTable Read(string folder) =>
        JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, FileName)), SearchOutcomeJson.Default.ScoreRecord)!.ToTable();

    private static StageKey KeyOf(Workspace workspace, SensitivityMethod method)
    {
        var (manifest, space) = (workspace.Manifest, workspace.Pricing.Space);
        using var key = new StageKeyBuilder("score", StageVersions.Score);
        key.Add(workspace.CalibrationKey).Add("data", SettingsDigest.OfData(workspace)).Add("metric", SettingsDigest.Of(manifest.Metric));
        key.Add("quantization", SettingsDigest.Of(manifest.Quantization)).Add("method", method.ToString()).Add("free", IsFree(workspace).ToString());
        key.Add("choices", string.Join('\n', space.Choices.Select(c => string.Join(' ', c)))).Add("samples", manifest.Search.Samples.ToString(CultureInfo.InvariantCulture));
        key.Add("seed", workspace.Seed.ToString(CultureInfo.InvariantCulture)).Add("threads", workspace.Options.Threads.ToString(CultureInfo.InvariantCulture));
        return key.Build();
    }
}
