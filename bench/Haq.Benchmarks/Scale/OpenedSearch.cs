using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Subjects;
using Haq.Engine.Quantization;
using Haq.Engine.Search;
using Haq.Engine.Search.Knapsack;

namespace Haq.Benchmarks.Scale;

/// <summary>The search of a manifest, taken apart, so that it can be run with any evaluator and again and again.</summary>
internal sealed class OpenedSearch : IDisposable
{
    public const string Candidates = "candidates", Probes = "probes";

    private readonly string _folder = Directory.CreateTempSubdirectory("haq-scale-").FullName;
    private readonly Workspace _workspace;

    public OpenedSearch(string manifest, int threads)
    {
        _workspace = Workspace.Open(new PipelineOptions(manifest, new StageCache(Path.Combine(_folder, "cache"))) { Threads = threads }, null, CancellationToken.None);
        var stages = _workspace.Stages;
        var measurements = stages.Measurements.Value;
        (Set, ProbeSet) = (_workspace.SearchSet, measurements.Probes is null ? null : measurements.Sets[0]);
        Options = stages.OptionsOf("auto");
    }

    /// <summary>What candidates are measured on.</summary>
    public EvaluationSet Set { get; }

    /// <summary>What probes are measured on; null where it is the same.</summary>
    public EvaluationSet? ProbeSet { get; }

    public SearchOptions Options { get; }

    public PostTrainingQuantizer Quantizer => _workspace.Quantizer;

    public string Name => Path.GetFileNameWithoutExtension(_workspace.Manifest.Model.FullPath);

    /// <summary>The policies that scoring every choice measures.</summary>
    public IReadOnlyList<Policy> Probed => Haq.Engine.Evaluation.Sensitivity.ProbeScorer.Policies(_workspace.Pricing.Space.Choices, _workspace.Pricing.Space.Groups);

    /// <summary>Policies of all kinds: what a process makes ready once for a kind, it has made ready after these.</summary>
    public IReadOnlyList<Policy> First
    {
        get
        {
            var (space, costs, budget) = (_workspace.Pricing.Space, _workspace.Pricing.Costs, _workspace.Pricing.Budget);
            return [.. Probed.Take(5), Affordability.Policy(space, costs, budget), .. UniformPolicies.Within(space, costs, budget)];
        }
    }

    /// <summary>A search by `auto` from the beginning.</summary>
    public SearchResult Search(IPolicyEvaluator candidates, IPolicyEvaluator? probes, IProgress<SearchStep>? progress)
    {
        var problem = _workspace.Stages.Task.Problem() with { Probes = probes, Scorer = _workspace.Stages.Scorer.Value };
        return Haq.Engine.Search.Strategies.Create("auto", Options).Search(problem, candidates, progress, CancellationToken.None);
    }

    /// <summary>Scores on threads of this process.</summary>
    public LocalPool Pool(int threads)
    {
        var pool = new LocalPool(Candidates, Quantizer, Set, threads);
        if (ProbeSet is { } part) pool.Add(Probes, Quantizer, part);
        return pool;
    }

    /// <summary>What probes are measured on, packed for workers in other processes.</summary>
    public SubjectParcel ProbeParcel() => SubjectPacking.Pack(_workspace.Stages.ProbeSubject, CancellationToken.None);

    /// <summary>What candidates are measured on, as a pool's work.</summary>
    public ScoringSubject Subject => ScoringSubject.Of(Candidates, Set);

    /// <summary>The same of probes.</summary>
    public ScoringSubject? ProbeSubject => ProbeSet is { } part ? ScoringSubject.Of(Probes, part) : null;

    public void Dispose()
    {
        _workspace.Stages.Measurements.Close();
        _workspace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
