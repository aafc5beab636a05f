using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Evaluation;
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
        Effort = SearchEffort.For(workspace.Model.Survey.Macs);
        _set = workspace.SearchSet;
        Evaluator = Durable(workspace, _set, "candidates");
        if (workspace.SearchSet.Count <= Effort.ProbeSamples) return;
        var fewer = DatasetSplit.Choose(workspace.Data.Search, Effort.ProbeSamples, workspace.Random.Fork("probe samples"));
        _probeSet = workspace.Open(fewer);
        _open.Add(_probeSet);
        Probes = Durable(workspace, _probeSet, "probes");
    }

    /// <summary>How fast policies are measured right now, for people.</summary>
    public string Speed => (_probeSet ?? _set).SamplesPerSecond is > 0 and var speed ? string.Create(CultureInfo.InvariantCulture, $", {speed:0} samples/s") : "";

    public SearchEffort Effort { get; }

    public IPolicyEvaluator Evaluator { get; }

    public IPolicyEvaluator? Probes { get; }

    public void Dispose()
    {
        for (int i = _open.Count - 1; i >= 0; i--) _open[i].Dispose();
    }

    private IPolicyEvaluator Durable(Workspace workspace, EvaluationSet set, string purpose)
    {
        var measured = new EvaluationMemo(new MeasuredEvaluator(workspace.Quantizer, set));
        var manifest = workspace.Manifest;
        using var builder = new StageKeyBuilder("measure", StageVersions.Search);
        builder.Add(workspace.CalibrationKey).Add("data", SettingsDigest.OfData(workspace)).Add("metric", SettingsDigest.Of(manifest.Metric));
        builder.Add("quantization", SettingsDigest.Of(manifest.Quantization)).Add("purpose", purpose).Add("seed", workspace.Seed.ToString(CultureInfo.InvariantCulture));
        builder.Add("samples", set.Count.ToString(CultureInfo.InvariantCulture));
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
