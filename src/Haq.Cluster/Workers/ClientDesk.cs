using System.Collections.Immutable;
using Haq.Cluster.Protocol;

namespace Haq.Cluster.Workers;

/// <summary>The work of one client on a worker: what it ordered, and answers until it has received them. For several callers.</summary>
internal sealed class ClientDesk : IDisposable
{
    // Far below what one message may hold, whatever the number of samples.
    private const int MostAnswers = 64, MostBytes = 1 << 20;

    private readonly Dictionary<Guid, CancellationTokenSource> _orders = [];
    private readonly Dictionary<Guid, WorkAnswer> _answers = [];
    private readonly SemaphoreSlim _news = new(0, 1);
    private readonly Lock _lock = new();

    /// <summary>When the client last asked, as a time stamp.</summary>
    public long LastSeen { get; set; }

    /// <summary>Nothing is under way or waits to be received.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock) return _orders.Count == 0 && _answers.Count == 0;
        }
    }

    /// <summary>Takes an order; null where it was taken before.</summary>
    public CancellationToken? Take(Guid order)
    {
        lock (_lock)
        {
            if (_answers.ContainsKey(order) || _orders.ContainsKey(order)) return null;
            var source = new CancellationTokenSource();
            _orders.Add(order, source);
            return source.Token;
        }
    }

    /// <summary>Nobody needs the answer any more.</summary>
    public void Withdraw(Guid order)
    {
        lock (_lock)
            if (_orders.TryGetValue(order, out var source)) source.Cancel();
    }

    /// <summary>An order is finished; null where nobody needs its answer.</summary>
    public void Finish(Guid order, WorkAnswer? answer)
    {
        lock (_lock)
        {
            if (_orders.Remove(order, out var source)) source.Dispose();
            if (answer is not null) _answers[order] = answer;
            if (_news.CurrentCount == 0) _news.Release();
        }
    }

    /// <summary>Waits for answers. Those that were <paramref name="received"/> are forgotten.</summary>
    public async Task<(ImmutableArray<WorkAnswer> Answers, ImmutableArray<Guid> Held)> CollectAsync(ImmutableArray<Guid> received, TimeSpan patience)
    {
        lock (_lock)
            foreach (var id in received) _answers.Remove(id);
        var found = Now();
        if (found.Answers.IsEmpty && patience > TimeSpan.Zero)
        {
            await _news.WaitAsync(patience).ConfigureAwait(false);
            found = Now();
        }
        return found;
    }

    public void Dispose()
    {
        lock (_lock)
            foreach (var source in _orders.Values) source.Cancel();
    }

    private (ImmutableArray<WorkAnswer> Answers, ImmutableArray<Guid> Held) Now()
    {
        lock (_lock)
        {
            int bytes = 0;
            return ([.. _answers.Values.Take(MostAnswers).TakeWhile((answer, i) => (bytes += answer.Scores.Length) <= MostBytes || i == 0)], [.. _orders.Keys, .. _answers.Keys]);
        }
    }
}
