using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// The groups of a space and the costs between them as a forest: every group hangs below at most one other. Where the graph has cycles, the edges that cost least are left out, and what
/// is found without them is a lower bound, as no edge costs less than nothing.
/// </summary>
internal sealed class GroupForest
{
    private readonly double[]?[] _edges;
    private readonly int _constraints;

    private GroupForest(int[] parent, int[] order, double[]?[] edges, int constraints, List<(int Low, int High, double[] Costs)> left) =>
        (Parent, Order, _edges, _constraints, Left) = (parent, order, edges, constraints, left);

    /// <summary>The group above; -1 for the roots.</summary>
    public int[] Parent { get; }

    /// <summary>The groups, each before the one above it.</summary>
    public int[] Order { get; }

    /// <summary>The edges that were left out, with their costs by the choices of both ends, the lower number's first, and by constraint. None where the graph is a forest.</summary>
    public IReadOnlyList<(int Low, int High, double[] Costs)> Left { get; }

    /// <summary>What the edge to the group above costs, by the choices of both and by constraint.</summary>
    /// <param name="group">The lower group.</param>
    /// <param name="own">Its activation width, as a position among its choices.</param>
    /// <param name="above">The upper group's.</param>
    /// <param name="aboves">How many the upper group has.</param>
    public ReadOnlySpan<double> Edge(int group, int own, int above, int aboves) => _edges[group].AsSpan((own * aboves + above) * _constraints, _constraints);

    /// <summary>The same without the choices that are not kept; a group keeps all where that is null, otherwise one.</summary>
    public GroupForest With(int?[] kept, int[] widths)
    {
        var edges = new double[]?[_edges.Length];
        for (int g = 0; g < edges.Length; g++)
        {
            if (_edges[g] is null) continue;
            int above = Parent[g];
            edges[g] = [.. Kept(g).SelectMany(own => Kept(above).SelectMany(a => Edge(g, own, a, widths[above]).ToArray()))];
        }
        return new GroupForest(Parent, Order, edges, _constraints, []);

        IEnumerable<int> Kept(int group) => kept[group] is { } one ? [one] : Enumerable.Range(0, widths[group]);
    }

    /// <summary>The maximum spanning forest (Kruskal) of what a target prices between groups.</summary>
    public static GroupForest Of(SearchSpace space, WidthEdges priced, IReadOnlyList<CostDimension> limits)
    {
        int groups = space.Groups.Length, constraints = limits.Count;
        int[] groupOf = new int[space.Layers];
        for (int g = 0; g < groups; g++) foreach (int member in space.Groups[g]) groupOf[member] = g;
        var between = new SortedDictionary<(int Low, int High), double[]>();
        for (int e = 0; e < priced.Count; e++)
        {
            var (from, to) = priced.Ends(e);
            var (a, b) = (groupOf[from], groupOf[to]);
            if (a == b) continue;
            ReadOnlySpan<Bitwidth> ofA = space.ActivationsOf(from), ofB = space.ActivationsOf(to);
            var key = (Math.Min(a, b), Math.Max(a, b));
            if (!between.TryGetValue(key, out double[]? costs)) between[key] = costs = new double[ofA.Length * ofB.Length * constraints];
            for (int i = 0; i < ofA.Length; i++)
            {
                for (int j = 0; j < ofB.Length; j++)
                {
                    var cost = priced.Cost(e, ofA[i], ofB[j]);
                    int at = a < b ? i * ofB.Length + j : j * ofA.Length + i;
                    for (int k = 0; k < constraints; k++) costs[at * constraints + k] += limits[k].Between(cost);
                }
            }
        }
        return Spanning(space, between, groups, [.. limits.Select(l => Math.Max(Math.Abs(l.Limit), 1e-300))]);
    }

    private static GroupForest Spanning(SearchSpace space, SortedDictionary<(int Low, int High), double[]> between, int groups, double[] limits)
    {
        int constraints = limits.Length;
        int[] root = [.. Enumerable.Range(0, groups)];
        int RootOf(int g) => root[g] == g ? g : root[g] = RootOf(root[g]);
        var neighbours = Enumerable.Range(0, groups).Select(_ => new List<int>()).ToArray();
        var left = new List<(int, int, double[])>();
        foreach (var ((low, high), costs) in between.Where(e => e.Value.Any(c => c > 0)).OrderByDescending(e => e.Value.Select((c, at) => c / limits[at % constraints]).Sum()))
        {
            if (RootOf(low) == RootOf(high))
            {
                left.Add((low, high, costs));
                continue;
            }
            root[RootOf(low)] = RootOf(high);
            neighbours[low].Add(high);
            neighbours[high].Add(low);
        }
        int[] parent = [.. Enumerable.Repeat(-1, groups)];
        var edges = new double[groups][];
        var order = new List<int>(groups);
        bool[] seen = new bool[groups];
        for (int start = 0; start < groups; start++)
        {
            if (seen[start]) continue;
            seen[start] = true;
            int first = order.Count;
            order.Add(start);
            for (int at = first; at < order.Count; at++)
            {
                foreach (int next in neighbours[order[at]].Where(n => !seen[n]).Order())
                {
                    (seen[next], parent[next]) = (true, order[at]);
                    edges[next] = Oriented(space, between[(Math.Min(next, order[at]), Math.Max(next, order[at]))], next, order[at], constraints);
                    order.Add(next);
                }
            }
        }
        order.Reverse();
        return new GroupForest(parent, [.. order], edges, constraints, left);
    }

    // By the lower group's choice first.
    private static double[] Oriented(SearchSpace space, double[] costs, int below, int above, int constraints)
    {
        if (below < above) return costs;
        int own = space.ActivationsOf(space.Groups[below][0]).Length, others = space.ActivationsOf(space.Groups[above][0]).Length;
        double[] turned = new double[costs.Length];
        for (int i = 0; i < own; i++)
        {
            for (int j = 0; j < others; j++)
                costs.AsSpan((j * own + i) * constraints, constraints).CopyTo(turned.AsSpan((i * others + j) * constraints));
        }

        return turned;
    }
}
