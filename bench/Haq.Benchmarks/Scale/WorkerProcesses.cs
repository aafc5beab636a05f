using System.Diagnostics;
using System.Globalization;
using Haq.Cluster.Clients;
using Haq.Cluster.Settings;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Parcels;

namespace Haq.Benchmarks.Scale;

/// <summary>A cluster of real workers on this machine, and a client of it: <c>haq worker</c> in processes of their own, ended with this.</summary>
internal sealed class WorkerProcesses : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("haq-workers-").FullName;
    private readonly List<Process> _processes = [];
    private readonly ClusterClient _client;
    private readonly ISubjectPool _pool;
    private readonly SubjectParcel _parcel;
    private readonly ScoringSubject _subject;

    /// <summary>Starts workers and brings them what <paramref name="search"/> probes on; all are ready when this returns.</summary>
    public WorkerProcesses(OpenedSearch search, int workers, int threads)
    {
        // A cluster of its own: others on this machine may have workers too.
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["HAQ_CACHE"] = _folder, ["HAQ_CLUSTER_NAME"] = Path.GetFileName(_folder) };
        for (int i = 0; i < workers; i++)
        {
            string[] arguments = ["worker", "--cluster", "localhost", "--threads", threads.ToString(CultureInfo.InvariantCulture), "--cache", Path.Combine(_folder, $"worker-{i}")];
            var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "haq.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var (name, value) in environment) start.Environment[name] = value;
            var process = Process.Start(start)!;
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            _processes.Add(process);
        }
        _client = new ClusterClient(ClusterSettings.Read("localhost", name => environment.GetValueOrDefault(name))!, null);
        _pool = _client.Open();
        _parcel = search.ProbeParcel();
        _pool.Add(_parcel);
        _subject = ScoringSubject.Of(_parcel.Digest, search.ProbeSet ?? search.Set);
        var watch = Stopwatch.StartNew();
        while (_pool.Capacity < workers * threads || !IsReady(search.Probed[0]))
        {
            if (watch.Elapsed > s_patience) throw new TimeoutException("the workers do not come");
            Thread.Sleep(50);
        }
    }

    /// <summary>Processor time of all workers so far.</summary>
    public TimeSpan Used => _processes.Aggregate(TimeSpan.Zero, (sum, p) =>
    {
        p.Refresh();
        return sum + p.TotalProcessorTime;
    });

    /// <summary>An evaluator that knows nothing yet.</summary>
    public DistributedEvaluator Evaluator() => new(_pool, _subject);

    public void Dispose()
    {
        _pool.DisposeAsync().AsTask().Wait();
        _client.DisposeAsync().AsTask().Wait();
        _parcel.Dispose();
        foreach (var process in _processes)
        {
            if (!process.HasExited) process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
        Directory.Delete(_folder, recursive: true);
    }

    // Where one is ready, the pool counts only those: the capacity is that of all when all are.
    private bool IsReady(Policy policy)
    {
        using var evaluator = Evaluator();
        evaluator.Evaluate(policy, CancellationToken.None);
        return _pool.Capacity > 0;
    }
}
