using Haq.Engine.Quantization;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>
/// Remembers what the first layers make, for policies that differ in later layers only. The second time that a beginning is met its results are kept, so a search's
/// throw-away policies cost no memory. What was not used for longest goes when the memory given is full, but never while a network uses it. Safe for concurrent use.
/// </summary>
internal sealed class PrefixStore(long memory, int batches) : IDisposable
{
    private const int Recent = 16;

    private readonly List<StoredPrefix> _stored = [];
    private readonly LinkedList<(CompiledGraph Graph, QuantizedModel Quantized)> _recent = new();
    private readonly HashSet<(CompiledGraph, int)> _tooLarge = [];
    private long _uses;
    private long _left = memory;

    /// <summary>Bytes in use.</summary>
    public long Bytes
    {
        get
        {
            lock (_stored) return _stored.Sum(s => s.Bytes);
        }
    }

    /// <summary>
    /// The longest beginning of the network that is stored, and the one that is worth storing while the network is evaluated; either may be null. Both are the caller's to <see cref="Release"/>.
    /// </summary>
    public (StoredPrefix? Known, StoredPrefix? Wanted) Find(CompiledGraph graph, QuantizedModel quantized)
    {
        lock (_stored)
        {
            _uses++;
            var known = _stored.Where(s => s.Graph == graph && graph.SharedNodes(s.Quantized, quantized) >= s.Cut.Position).MaxBy(s => s.Cut.Position);
            if (known is not null) Use(known);
            var cut = Met(graph, quantized);
            if (cut is null || cut.Position <= (known?.Cut.Position ?? 0)) return (known, null);
            var wanted = new StoredPrefix(graph, cut, quantized, batches);
            Use(wanted);
            _stored.Add(wanted);
            return (known, wanted);
        }
    }

    /// <summary>Takes memory for a batch, at the cost of what nobody uses now; false where there is not enough.</summary>
    public bool Reserve(long bytes)
    {
        lock (_stored)
        {
            while (_left < bytes)
            {
                var oldest = _stored.Where(s => s.Users == 0 && s.Bytes > 0).MinBy(s => s.LastUse);
                if (oldest is null) return false;
                Drop(oldest);
            }
            _left -= bytes;
            return true;
        }
    }

    /// <summary>Gives memory back that was reserved and not used.</summary>
    public void Return(long bytes)
    {
        lock (_stored) _left += bytes;
    }

    /// <summary>Ends the evaluation of a network.</summary>
    /// <param name="known">What was used.</param>
    /// <param name="wanted">What was to be stored.</param>
    /// <param name="complete">Everything could be stored that was met.</param>
    public void Release(StoredPrefix? known, StoredPrefix? wanted, bool complete)
    {
        lock (_stored)
        {
            if (wanted is not null && !complete) _tooLarge.Add((wanted.Graph, wanted.Cut.Position));
            if (wanted is not null && (!complete || wanted.Bytes == 0)) wanted.IsGivenUp = true;
            Leave(known);
            Leave(wanted);
        }
    }

    public void Dispose()
    {
        lock (_stored)
        {
            foreach (var prefix in _stored) prefix.Dispose();
            _stored.Clear();
        }
    }

    private void Use(StoredPrefix prefix)
    {
        prefix.LastUse = _uses;
        prefix.Users++;
    }

    private void Leave(StoredPrefix? prefix)
    {
        if (prefix is null || --prefix.Users > 0) return;
        if (prefix.IsGivenUp) Drop(prefix);
    }

    private void Drop(StoredPrefix prefix)
    {
        _left += prefix.Bytes;
        _stored.Remove(prefix);
        prefix.Dispose();
    }

    // The longest beginning that an earlier network had too; that one comes first from now on, as others are likely to be compared with it.
    private GraphCut? Met(CompiledGraph graph, QuantizedModel quantized)
    {
        GraphCut? longest = null;
        LinkedListNode<(CompiledGraph, QuantizedModel)>? best = null;
        for (var node = _recent.First; node is not null; node = node.Next)
        {
            if (node.Value.Graph != graph) continue;
            int shared = graph.SharedNodes(node.Value.Quantized, quantized);
            var cut = graph.Cuts.LastOrDefault(c => c.Position <= shared && !_tooLarge.Contains((graph, c.Position)));
            if (cut is null || cut.Position <= (longest?.Position ?? 0)) continue;
            (longest, best) = (cut, node);
        }
        if (best is not null)
        {
            _recent.Remove(best);
            _recent.AddFirst(best);
        }
        _recent.AddLast((graph, quantized));
        // The newest are at the end and the useful ones at the beginning: what goes is between them.
        if (_recent.Count > Recent) _recent.Remove(_recent.First!.Next!);
        return longest;
    }
}
