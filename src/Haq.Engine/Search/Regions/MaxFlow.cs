namespace Haq.Engine.Search.Regions;

/// <summary>A greatest flow, and with it a least cut, between two ends of a network of whole capacities (Dinic, 1970: blocking flows over shortest layers). Exact.</summary>
internal sealed class MaxFlow
{
    /// <summary>A capacity that no cut goes through.</summary>
    public const long Infinite = long.MaxValue / 4;

    private readonly List<int> _to = [];
    private readonly List<long> _left = [];
    private readonly List<int>[] _edges;
    private readonly int[] _level;
    private readonly int[] _next;

    public MaxFlow(int nodes)
    {
        _edges = new List<int>[nodes];
        for (int n = 0; n < nodes; n++) _edges[n] = [];
        (_level, _next) = (new int[nodes], new int[nodes]);
    }

    /// <summary>Adds an edge; nothing flows back through it.</summary>
    public void Add(int from, int to, long capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        if (capacity == 0) return;
        _edges[from].Add(_to.Count);
        _to.Add(to);
        _left.Add(capacity);
        _edges[to].Add(_to.Count);
        _to.Add(from);
        _left.Add(0);
    }

    /// <summary>The greatest flow; infinite where nothing bounds it.</summary>
    public long Run(int source, int sink)
    {
        long flow = 0;
        while (Layer(source, sink))
        {
            Array.Clear(_next);
            for (long more; (more = Push(source, sink, Infinite)) > 0;)
            {
                flow += more;
                if (flow >= Infinite) return Infinite;
            }
        }
        return flow;
    }

    /// <summary>After <see cref="Run"/>: the nodes on the source's side of the least cut that is nearest to it.</summary>
    public bool IsWithSource(int node) => _level[node] >= 0;

    private bool Layer(int source, int sink)
    {
        Array.Fill(_level, -1);
        _level[source] = 0;
        var queue = new Queue<int>();
        queue.Enqueue(source);
        while (queue.TryDequeue(out int node))
        {
            foreach (int edge in _edges[node])
            {
                if (_left[edge] > 0 && _level[_to[edge]] < 0)
                {
                    _level[_to[edge]] = _level[node] + 1;
                    queue.Enqueue(_to[edge]);
                }
            }
        }

        return _level[sink] >= 0;
    }

    // Depth first with a stack of its own: networks of thousands of nodes in a row would be too deep for the thread's.
    private long Push(int source, int sink, long limit)
    {
        var path = new Stack<int>();
        int node = source;
        while (node != sink)
        {
            int edge = Advance(node);
            if (edge >= 0)
            {
                path.Push(edge);
                node = _to[edge];
                continue;
            }
            if (!path.TryPop(out int back)) return 0;
            node = _to[back ^ 1];
            _next[node]++;
        }
        foreach (int edge in path) limit = Math.Min(limit, _left[edge]);
        foreach (int edge in path)
        {
            _left[edge] -= limit;
            _left[edge ^ 1] += limit;
        }
        return limit;
    }

    private int Advance(int node)
    {
        for (; _next[node] < _edges[node].Count; _next[node]++)
        {
            int edge = _edges[node][_next[node]];
            if (_left[edge] > 0 && _level[_to[edge]] == _level[node] + 1) return edge;
        }
        return -1;
    }
}
