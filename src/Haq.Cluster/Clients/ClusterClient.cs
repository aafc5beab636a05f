using System.Globalization;
using Haq.Cluster.Protocol;
using Haq.Cluster.Settings;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Remote;

namespace Haq.Cluster.Clients;

/// <summary>A cluster as a search sees it: workers come and go, and each that will work for it gets work. It never breaks a search: where there is no worker, that goes on by itself.</summary>
public sealed class ClusterClient : IScoringPools
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1), s_longest = TimeSpan.FromSeconds(15);

    private readonly ClusterSettings _settings;
    private readonly Guid _id = Guid.NewGuid();
    private readonly PartUploads? _uploads;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, WorkerLink> _links = new(StringComparer.Ordinal);
    private readonly List<Diagnostic> _warnings = [];
    private readonly List<IProgress<string>> _listeners = [];
    private Task? _look;
    private string _said = "";

    /// <summary>Nobody is asked for before the first subject.</summary>
    /// <param name="settings">The cluster.</param>
    /// <param name="cache">The shared cache that workers may take data from; null where there is none.</param>
    public ClusterClient(ClusterSettings settings, RemoteSettings? cache)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _uploads = cache is { IsReadOnly: false } ? new PartUploads(cache, Tell) : null;
    }

    /// <summary>What all calls of workers go through: the place where a message can come twice or changed.</summary>
    internal Func<IWorkerGrain, IWorkerGrain> Through { get; init; } = worker => worker;

    /// <inheritdoc/>
    public bool IsGivenUp { get; set; }

    /// <inheritdoc/>
    public string Said => _settings.Said;

    /// <inheritdoc/>
    public TimeSpan Wait => _settings.Wait;

    /// <inheritdoc/>
    public IReadOnlyList<Diagnostic> Warnings
    {
        get
        {
            lock (_lock) return [.. _warnings];
        }
    }

    /// <inheritdoc/>
    public int Workers => Links().Count(l => l.Threads > 0);

    /// <inheritdoc/>
    public ISubjectPool Open()
    {
        lock (_lock) _look ??= Task.Run(LookAsync);
        return new ClusterPool(this);
    }

    /// <inheritdoc/>
    public IDisposable Listen(IProgress<string> messages)
    {
        lock (_lock) _listeners.Add(messages);
        return new Listening(this, messages);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await (_look ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(Links().Select(l => l.DisposeAsync().AsTask())).ConfigureAwait(false);
        _uploads?.Dispose();
        _end.Dispose();
    }

    internal WorkerLink[] Links()
    {
        lock (_lock) return [.. _links.Values];
    }

    private async Task LookAsync()
    {
        var pause = s_look;
        bool isTroubled = false;
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using var list = await GatewayList.OpenAsync(_settings, _end.Token).ConfigureAwait(false);
                while (true)
                {
                    Follow(await list.ReadAsync(_end.Token).ConfigureAwait(false));
                    (pause, isTroubled) = (s_look, false);
                    await Task.Delay(s_look, _end.Token).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Workers that are known stay; the server that names them may come back.
                // Said once a time of trouble: the libraries' words hold numbers that change.
                if (!_end.IsCancellationRequested && !isTroubled) Warn(DiagnosticCatalog.ClusterAside.At(null, $"the cluster {_settings.Said} cannot be asked for workers: {ErrorWords.Of(e)}. The search goes on with those that it knows, or by itself."));
                isTroubled = true;
                pause = pause * 2 < s_longest ? pause * 2 : s_longest;
            }
            await Task.Delay(pause, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Follow(IEnumerable<Uri> gateways)
    {
        var named = gateways.ToDictionary(g => g.ToString(), StringComparer.Ordinal);
        List<WorkerLink> gone = [];
        lock (_lock)
        {
            foreach (var (name, gateway) in named)
                if (!_links.ContainsKey(name)) _links.Add(name, new WorkerLink(_settings, gateway, _id, _uploads, Warn, Say, Through));
            foreach (var (name, link) in _links.ToList())
            {
                // What is named no longer and still answers is about to leave.
                if (named.ContainsKey(name) || link.Threads > 0 || link.Load > 0) continue;
                _links.Remove(name);
                gone.Add(link);
            }
        }
        foreach (var link in gone) _ = Task.Run(() => link.DisposeAsync().AsTask());
    }

    private void Say()
    {
        var links = Links();
        string text = string.Create(CultureInfo.InvariantCulture, $"workers {links.Count(l => l.Threads > 0)}, threads {links.Sum(l => l.Threads)}");
        lock (_lock)
        {
            if (text == _said || _end.IsCancellationRequested) return;
            _said = text;
        }
        Tell($"cluster {_settings.Said}: {text}");
    }

    /// <inheritdoc/>
    public void Warn(Diagnostic warning)
    {
        ArgumentNullException.ThrowIfNull(warning);
        lock (_lock)
        {
            if (_warnings.Contains(warning)) return;
            _warnings.Add(warning);
        }
        Tell(warning.Message);
    }

    private void Tell(string message)
    {
        IProgress<string>[] listeners;
        lock (_lock) listeners = [.. _listeners];
        foreach (var listener in listeners) listener.Report(message);
    }

    private sealed class Listening(ClusterClient client, IProgress<string> messages) : IDisposable
    {
        public void Dispose()
        {
            lock (client._lock) client._listeners.Remove(messages);
        }
    }
}
