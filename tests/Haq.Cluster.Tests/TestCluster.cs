using Haq.Cluster.Clients;
using Haq.Cluster.Protocol;
using Haq.Cluster.Settings;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Tests;
using Haq.Engine.Tests.Pipeline;

namespace Haq.Cluster.Tests;

/// <summary>A cluster of its own for one test: its environment, its workers, and what a build gives with them.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    /// <summary>The manifest that is built.</summary>
    public static readonly Dictionary<string, string> Keys = TinyProject.With(TinyProject.Base,
        new KeyValuePair<string, string>("quantization.rounding", "nearest"), new KeyValuePair<string, string>("finetune", ""), new KeyValuePair<string, string>("budget.latency", "0.8x"),
        new KeyValuePair<string, string>("layers", ""), new KeyValuePair<string, string>("bits.weights", "[2, 3, 4, 5, 6, 8]"),
        new KeyValuePair<string, string>("bits.activations", "[3, 4, 6, 8]"), new KeyValuePair<string, string>("search.samples", "40"));

    private readonly TemporaryFolder _folder = new();
    private readonly List<WorkerProcess> _workers = [];

    public TestCluster(string address = "localhost", params (string Name, string Value)[] more)
    {
        Address = address;
        Environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["XDG_CACHE_HOME"] = _folder["shared"], ["HAQ_CACHE"] = _folder["stages"], ["HAQ_CLUSTER_TIMEOUT"] = "15", ["HAQ_CLUSTER_WAIT"] = "120",
        };
        foreach (var (name, value) in more) Environment[name] = value;
    }

    public string Address { get; }

    public Dictionary<string, string> Environment { get; }

    public string this[string file] => _folder[file];

    public ClusterSettings Settings => ClusterSettings.Read(Address, name => Environment.GetValueOrDefault(name))!;

    /// <summary>Starts a worker; it is connected when this returns.</summary>
    public WorkerProcess Start(params string[] more)
    {
        var worker = WorkerProcess.Start(Environment, ["--cluster", Address, "--threads", "1", "--cache", _folder[$"worker-{_workers.Count}"], .. more]);
        _workers.Add(worker);
        return worker;
    }

    /// <summary>Starts several at a time.</summary>
    public WorkerProcess[] Start(int count)
    {
        var started = Enumerable.Range(0, count).Select(i =>
            WorkerProcess.Begin(Environment, ["--cluster", Address, "--threads", "1", "--cache", _folder[$"worker-{_workers.Count + i}"]])).ToArray();
        _workers.AddRange(started);
        foreach (var worker in started) worker.WaitFor("connected to the cluster");
        return started;
    }

    /// <summary>Builds a small project from nothing. <paramref name="onPiece"/> is told of every piece of work, before it is given out.</summary>
    public BuiltProject Build(bool withWorkers = true, Action<int>? onPiece = null, Func<IWorkerGrain, IWorkerGrain>? through = null)
    {
        using var project = new TinyProject();
        project.Open(Keys).Dispose();
        var workers = withWorkers ? new WatchedPools(new ClusterClient(Settings, null) { Through = through ?? (worker => worker) }, onPiece) : null;
        try
        {
            var result = ManifestBuild.Run(new PipelineOptions(project["haq.yaml"], new StageCache(project["cache"])) { Workers = workers, Threads = 1 }, null, CancellationToken.None);
            string model = result.Outputs.First(o => o.Kind == "model").Path, policy = result.Outputs.First(o => o.Kind == "policy").Path;
            return new BuiltProject(File.ReadAllBytes(model), File.ReadAllText(policy), File.ReadAllText(project["haq.lock.json"]), workers?.Pieces ?? 0, [.. workers?.Warnings ?? []]);
        }
        finally
        {
            workers?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var worker in _workers) worker.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <param name="Model">The model's file.</param>
/// <param name="Policy">The policy's.</param>
/// <param name="Lock">The lock file.</param>
/// <param name="Pieces">How many pieces of work were given out.</param>
/// <param name="Warnings">What the cluster's client complained of.</param>
internal sealed record BuiltProject(byte[] Model, string Policy, string Lock, int Pieces, IReadOnlyList<Haq.Engine.Diagnostics.Diagnostic> Warnings)
{
    /// <summary>The same files, byte by byte.</summary>
    public void Is(BuiltProject other)
    {
        Assert.Equal(other.Policy, Policy);
        Assert.Equal(other.Lock, Lock);
        Assert.Equal(other.Model, Model);
    }
}

/// <summary>Counts pieces of work, and lets a test do something at a certain one.</summary>
internal sealed class WatchedPools(ClusterClient inner, Action<int>? onPiece) : IScoringPools
{
    private int _pieces;

    public int Pieces => _pieces;

    public string Said => inner.Said;

    public TimeSpan Wait => inner.Wait;

    public int Workers => inner.Workers;

    public IReadOnlyList<Haq.Engine.Diagnostics.Diagnostic> Warnings => inner.Warnings;

    public bool IsGivenUp { get => inner.IsGivenUp; set => inner.IsGivenUp = value; }

    public IDisposable Listen(IProgress<string> messages) => inner.Listen(messages);

    public void Warn(Haq.Engine.Diagnostics.Diagnostic warning) => inner.Warn(warning);

    public ISubjectPool Open() => new Pool(this, inner.Open());

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Pool(WatchedPools owner, ISubjectPool pool) : ISubjectPool
    {
        public void Add(SubjectParcel parcel) => pool.Add(parcel);

        public int Capacity => pool.Capacity;

        public Task<Haq.Engine.Evaluation.SampleScore[]> ScoreAsync(ScoringWork work, CancellationToken cancellation)
        {
            var scoring = pool.ScoreAsync(work, cancellation);
            owner.Told(Interlocked.Increment(ref owner._pieces));
            return scoring;
        }

        public ValueTask DisposeAsync() => pool.DisposeAsync();
    }

    private void Told(int piece) => onPiece?.Invoke(piece);
}
