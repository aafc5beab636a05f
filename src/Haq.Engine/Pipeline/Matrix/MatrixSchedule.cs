namespace Haq.Engine.Pipeline.Matrix;

/// <summary>
/// Which cell starts next. Of cells with one model the first goes ahead alone until what they share is made; the others then find it. Cells that measure come last, each by itself. Safe for
/// several threads.
/// </summary>
internal sealed class MatrixSchedule
{
    private readonly object _gate = new();
    private readonly LinkedList<MatrixCell> _waiting;
    private readonly Dictionary<string, MatrixCell> _leaders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _prepared = new(StringComparer.Ordinal);
    private readonly HashSet<MatrixCell> _running = [];
    private bool _isStopped;

    /// <param name="cells">In the order in which they start where nothing else decides.</param>
    public MatrixSchedule(IEnumerable<MatrixCell> cells) => _waiting = new LinkedList<MatrixCell>(cells);

    /// <summary>The next cell, waited for until it may start; null where no more will.</summary>
    public MatrixCell? Take()
    {
        lock (_gate)
        {
            while (!_isStopped && _waiting.Count > 0)
            {
                if (Next() is { } node)
                {
                    _waiting.Remove(node);
                    _running.Add(node.Value);
                    if (!_prepared.Contains(node.Value.Model)) _leaders[node.Value.Model] = node.Value;
                    return node.Value;
                }
                Monitor.Wait(_gate);
            }
            return null;
        }
    }

    /// <summary>What a running cell shares with others is made.</summary>
    public void Prepared(MatrixCell cell)
    {
        lock (_gate) Release(cell);
    }

    /// <summary>A cell is over, however it ended.</summary>
    public void Finished(MatrixCell cell)
    {
        lock (_gate)
        {
            _running.Remove(cell);
            Release(cell);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>No more cells start.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    private LinkedListNode<MatrixCell>? Next()
    {
        if (_running.Any(c => c.IsAlone)) return null;
        bool areAllAlone = true;
        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            if (node.Value.IsAlone) continue;
            areAllAlone = false;
            if (!_leaders.ContainsKey(node.Value.Model)) return node;
        }
        return areAllAlone && _running.Count == 0 ? _waiting.First : null;
    }

    private void Release(MatrixCell cell)
    {
        if (!_leaders.TryGetValue(cell.Model, out var leader) || leader != cell) return;
        _leaders.Remove(cell.Model);
        _prepared.Add(cell.Model);
        Monitor.PulseAll(_gate);
    }
}
