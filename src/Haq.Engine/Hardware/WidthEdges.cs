using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>Costs of pairs of choices, on edges between layers and tensors. They depend on the activation widths of both ends: 8 bits and fewer, 16, or floating point.</summary>
internal sealed class WidthEdges
{
    /// <summary>A width of every kind that an edge tells apart.</summary>
    public static readonly ImmutableArray<Bitwidth> Kinds = [Bitwidth.Eight, Bitwidth.Sixteen, Bitwidth.Float];

    private readonly ImmutableArray<Edge> _edges;

    private WidthEdges(ImmutableArray<Edge> edges) => _edges = edges;

    /// <summary>An edge.</summary>
    /// <param name="From">What is before.</param>
    /// <param name="To">What is behind.</param>
    /// <param name="Costs">By the kind of the width before, then behind.</param>
    public readonly record struct Edge(int From, int To, LayerCost[] Costs)
    {
        /// <summary>An edge whose costs are a function of the two kinds of width.</summary>
        public static Edge Of(int from, int to, Func<Bitwidth, Bitwidth, LayerCost> cost) => new(from, to, [.. Kinds.SelectMany(a => Kinds.Select(b => cost(a, b)))]);
    }

    /// <summary>The edges that cost anything at any widths; null where there are none.</summary>
    public static WidthEdges? Of(IEnumerable<Edge> edges)
    {
        ImmutableArray<Edge> costly = [.. edges.Where(e => e.Costs.Any(c => !c.IsNothing))];
        return costly.IsEmpty ? null : new WidthEdges(costly);
    }

    /// <summary>The edges of both; null where there are none.</summary>
    public static WidthEdges? Of(WidthEdges? a, WidthEdges? b) => a is null ? b : b is null ? a : new WidthEdges(a._edges.AddRange(b._edges));

    /// <summary>Number of edges.</summary>
    public int Count => _edges.Length;

    /// <summary>What an edge joins.</summary>
    public (int From, int To) Ends(int edge) => (_edges[edge].From, _edges[edge].To);

    /// <summary>What an edge costs between two widths.</summary>
    public LayerCost Cost(int edge, Bitwidth from, Bitwidth to) => Find(_edges[edge].Costs, from, to);

    /// <summary>The position among <see cref="Kinds"/>.</summary>
    public static int KindOf(Bitwidth width) => width <= Bitwidth.Eight ? 0 : width <= Bitwidth.Sixteen ? 1 : 2;

    /// <summary>Adds what a policy pays on the edges.</summary>
    public void AddTo(ref CostSum total, Policy policy)
    {
        foreach (var (from, to, costs) in _edges)
            if (Find(costs, policy[from].Activations, policy[to].Activations) is { IsNothing: false } cost) total.Add(cost, 0, isEnd: false);
    }

    /// <summary>A cost with that of the edges that end in it.</summary>
    public LayerCost Into(LayerCost own, int item, Policy policy) => With(own, policy, e => e.To == item);

    /// <summary>A cost with that of the edges that begin in it.</summary>
    public LayerCost OutOf(LayerCost own, int item, Policy policy) => With(own, policy, e => e.From == item);

    private LayerCost With(LayerCost own, Policy policy, Func<Edge, bool> counts)
    {
        foreach (var edge in _edges)
            if (counts(edge) && Find(edge.Costs, policy[edge.From].Activations, policy[edge.To].Activations) is { IsNothing: false } cost) own = own.Plus(cost);
        return own;
    }

    private static LayerCost Find(LayerCost[] costs, Bitwidth from, Bitwidth to) => costs[KindOf(from) * Kinds.Length + KindOf(to)];
}
