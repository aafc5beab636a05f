using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Manifest;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>
/// What a search measures with: the search set for candidates, a part of it for probes where the network is large, each with a journal, so that a killed search resumes and another
/// budget, strategy or target starts from what is known already.
/// </summary>
internal sealed class SearchMeasuring : IDisposable
{
    private readonly List<IDisposable> _open = [];
    private readonly EvaluationSet _set;
    private readonly EvaluationSet? _probeSet;

    public SearchMeasuring(Workspace workspace)
    {
        Effort = SearchEffort.For(workspace.Model.Survey.Macs, workspace.Model.Float.IsHuge);
        _set = workspace.SearchSet;
        Evaluator = Durable(workspace, new MeasuredEvaluator(workspace.Quantizer, _set), _set.Count, "candidates");
        if (_set.Count > Effort.ProbeSamples)
        {
            var fewer = DatasetSplit.Choose(workspace.Data.Search, Effort.ProbeSamples, workspace.Random.Fork("probe samples"));
            _probeSet = workspace.Open(fewer);
            _open.Add(_probeSet);
            Probes = Durable(workspace, new MeasuredEvaluator(workspace.Quantizer, _probeSet), _probeSet.Count, "probes");
        }
        if (workspace.Manifest.Search.Evaluate == SearchEvaluation.Finetuned) Train(workspace);
        else if (workspace.Manifest.Search.Evaluate == SearchEvaluation.Surrogate) Predict(workspace);
    }

    /// <summary>How fast policies are measured right now, for people.</summary>
    public string Speed => (_probeSet ?? _set).SamplesPerSecond is > 0 and var speed ? string.Create(CultureInfo.InvariantCulture, $", {speed:0} samples/s") : "";

    public SearchEffort Effort { get; }

    public IPolicyEvaluator Evaluator { get; private set; }

    public IPolicyEvaluator? Probes { get; private set; }

    /// <summary>Refuses ways to evaluate that the rest of the manifest makes meaningless.</summary>
    /// <exception cref="HaqException">A policy chosen for what training makes of it would not be trained (HAQ0003), or accuracy is to be kept that is never measured (HAQ0607).</exception>
    public static void Check(HaqManifest manifest)
    {
        if (manifest.Search.Evaluate == SearchEvaluation.Finetuned && manifest.Finetune is null)
            throw DiagnosticCatalog.MissingKey.Error(manifest.File, "has 'search.evaluate: finetuned', which chooses the policy for what training makes of it, and no 'finetune:' to train it then. Add 'finetune: {epochs: 2}', or use 'evaluate: measured'.");
        if (manifest.Search.Evaluate == SearchEvaluation.Surrogate && manifest.Objective != Objective.Accuracy)
            throw DiagnosticCatalog.ObjectiveUnsupported.Error(manifest.File, $"'search.evaluate: surrogate' predicts no accuracy, which 'objective: {manifest.Objective.ToString().ToLowerInvariant()}' has to keep within its limit. Use 'evaluate: measured'.");
    }

    public void Dispose()
    {
        for (int i = _open.Count - 1; i >= 0; i--) _open[i].Dispose();
    }

    // Candidates are trained; probes, which only compare neighbours and are many, are not.
    private void Train(Workspace workspace)
    {
        var (settings, search) = (workspace.Manifest.Finetune!, workspace.Manifest.Search);
        Probes ??= Evaluator;
        var training = DatasetSplit.Choose(FinetuneStage.TrainingSetOf(workspace), search.FinetuneSamples, workspace.Random.Fork("candidates' training"));
        var options = FinetuneStage.OptionsOf(workspace, settings) with { Epochs = search.FinetuneEpochs };
        var quality = FinetuneStage.QualityOf(workspace);
        var evaluator = new FineTunedEvaluator(workspace.Quantizer, workspace.SearchSet, training, options, score => quality.Of(score));
        Evaluator = Durable(workspace, evaluator, workspace.SearchSet.Count, string.Create(CultureInfo.InvariantCulture,
            $"candidates after {search.FinetuneEpochs} of {search.FinetuneSamples}, {SettingsDigest.Of(settings)}, {StageVersions.Finetune}, {workspace.Options.Threads}"));
    }

    private void Predict(Workspace workspace)
    {
        Evaluator = new SurrogateEvaluator(ScoreStage.Run(workspace, this, ScoreStage.MethodOf(workspace, Effort)));
        Probes = null;
    }

    private IPolicyEvaluator Durable(Workspace workspace, IPolicyEvaluator evaluator, int samples, string purpose)
    {
        var measured = new EvaluationMemo(new CheckedEvaluator(evaluator, workspace.Inputs.RequireUnchanged));
        var manifest = workspace.Manifest;
        using var builder = new StageKeyBuilder("measure", StageVersions.Search);
        builder.Add(workspace.CalibrationKey).Add("data", SettingsDigest.OfData(workspace)).Add("metric", SettingsDigest.Of(manifest.Metric));
        builder.Add("quantization", SettingsDigest.Of(manifest.Quantization)).Add("purpose", purpose).Add("seed", workspace.Seed.ToString(CultureInfo.InvariantCulture));
        builder.Add("samples", samples.ToString(CultureInfo.InvariantCulture));
        var key = builder.Build();
        string folder = Path.Combine(workspace.Options.Cache.Root, key.Stage, key.Digest);
        try
        {
            Directory.CreateDirectory(folder);
            var journal = new JournaledEvaluator(measured, Path.Combine(folder, "scores.jsonl"), key.Digest);
            _open.Add(journal);
            return journal;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another search holds the journal, or the cache cannot be written: the search goes on without one.
            return measured;
        }
    }
}
