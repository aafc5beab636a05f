using Haq.Engine.Evaluation.Compiled;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Distributed;

/// <summary>
/// Networks that were made ready and are still of use: the batches of one policy may come in several pieces. One that has scored every batch is closed, of the others the one that was not used for
/// longest goes first. Safe for concurrent use.
/// </summary>
/// <param name="open">Makes a policy's network ready.</param>
/// <param name="batches">How many batches each may have to score.</param>
/// <param name="most">How many to keep that nobody uses at the moment.</param>
internal sealed class WarmNetworks(Func<Policy, INetwork> open, int batches, int most) : IDisposable
{
    private readonly Dictionary<Policy, Entry> _entries = [];
    private long _uses;

    /// <summary>How many are open or being opened.</summary>
    public int Count
    {
        get
        {
            lock (_entries) return _entries.Count;
        }
    }

    /// <summary>Does something with a policy's network, which somebody else may use at the same time.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="pieces">How many batches this is about.</param>
    /// <param name="use">What to do.</param>
    public T Use<T>(Policy policy, int pieces, Func<INetwork, T> use)
    {
        Entry? entry;
        lock (_entries)
        {
            if (!_entries.TryGetValue(policy, out entry)) _entries.Add(policy, entry = new Entry(new Lazy<INetwork>(() => open(policy)), batches));
            entry.Users++;
            entry.LastUse = ++_uses;
        }
        bool isSound = false;
        try
        {
            var result = use(entry.Network.Value);
            isSound = true;
            return result;
        }
        finally
        {
            Leave(policy, entry, isSound ? pieces : batches);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_entries)
        {
            foreach (var entry in _entries.Values) Close(entry);
            _entries.Clear();
        }
    }

    private void Leave(Policy policy, Entry entry, int done)
    {
        var closed = new List<Entry>();
        lock (_entries)
        {
            entry.Users--;
            entry.Left -= done;
            if (entry.Left <= 0 && _entries.GetValueOrDefault(policy) == entry) _entries.Remove(policy);
            if (entry.Left <= 0 && entry.Users == 0) closed.Add(entry);
            while (_entries.Values.Count(e => e.Users == 0) > most)
            {
                var (oldest, unused) = _entries.Where(e => e.Value.Users == 0).MinBy(e => e.Value.LastUse);
                _entries.Remove(oldest);
                closed.Add(unused);
            }
        }
        foreach (var unused in closed) Close(unused);
    }

    private static void Close(Entry entry)
    {
        if (entry.Network.IsValueCreated) entry.Network.Value.Dispose();
    }

    private sealed class Entry(Lazy<INetwork> network, int batches)
    {
        public Lazy<INetwork> Network { get; } = network;

        public int Users { get; set; }

        public int Left { get; set; } = batches;

        public long LastUse { get; set; }
    }
}
