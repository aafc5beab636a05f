namespace Haq.Engine.Data.Shards;

/// <summary>Many things of which only a few are open at a time: those that were used last, and those in use. For several threads.</summary>
internal sealed class FewOpen<T>(Func<int, T> open, int most) : IDisposable
    where T : class, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Lease> _open = [];
    private long _clock;

    /// <summary>How many are open now.</summary>
    public int Count => _open.Count;

    /// <summary>Opens one, or takes it as it is open; it stays so until the lease is given back.</summary>
    public Lease Take(int index)
    {
        Lease? lease;
        lock (_lock)
        {
            if (!_open.TryGetValue(index, out lease))
            {
                CloseOldest();
                _open[index] = lease = new Lease(this, new Lazy<T>(() => open(index)));
            }
            lease.Users++;
            lease.LastUsed = ++_clock;
        }
        try
        {
            _ = lease.Value;
            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var lease in _open.Values) lease.Close();
            _open.Clear();
        }
    }

    private void CloseOldest()
    {
        while (_open.Count >= most && _open.Where(o => o.Value.Users == 0).OrderBy(o => o.Value.LastUsed).Select(o => (int?)o.Key).FirstOrDefault() is { } oldest)
        {
            _open.Remove(oldest, out var lease);
            lease!.Close();
        }
    }

    /// <summary>One of them, open while this is not disposed of.</summary>
    internal sealed class Lease(FewOpen<T> owner, Lazy<T> value) : IDisposable
    {
        public T Value => value.Value;

        public int Users { get; set; }

        public long LastUsed { get; set; }

        public void Dispose()
        {
            lock (owner._lock) Users--;
        }

        public void Close()
        {
            if (value.IsValueCreated) value.Value.Dispose();
        }
    }
}
