using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>
/// What it costs to bring tensors to one width where they are joined: a pass over each that has another width than what they are joined to. A cost of pairs of choices, on the edges between them.
/// </summary>
internal sealed class Converts
{
    private readonly ImmutableArray<(int From, int To, LayerCost[] Costs)> _edges;

    private Converts(ImmutableArray<(int, int, LayerCost[])> edges) => _edges = edges;

    /// <summary>The edges of a network on a target; null where no change of width costs anything.</summary>
    public static Converts? Of(HardwareTarget target, IReadOnlyList<QuantizableLayer> items, int batch)
    {
        var edges = ImmutableArray.CreateBuilder<(int, int, LayerCost[])>();
        Bitwidth[] widths = [Bitwidth.Eight, Bitwidth.Sixteen, Bitwidth.Float];
        foreach (var item in items)
        {
            foreach (int from in item.Joined)
            {
                var costs = new LayerCost[widths.Length * widths.Length];
                for (int a = 0; a < widths.Length; a++)
                {
                    for (int b = 0; b < widths.Length; b++)
                        if (a != b) costs[a * widths.Length + b] = target.Model.PriceConvert(new TensorWork(items[from].Shape.In, widths[a], 1, batch), widths[b]);
                }

                if (costs.Any(c => c.Seconds > 0)) edges.Add((from, item.Index, costs));
            }
        }

        return edges.Count == 0 ? null : new Converts(edges.ToImmutable());
    }

    /// <summary>Number of edges.</summary>
    public int Count => _edges.Length;

    /// <summary>The tensor that is changed, and that whose width it is brought to.</summary>
    public (int From, int To) Ends(int edge) => (_edges[edge].From, _edges[edge].To);

    /// <summary>What an edge costs between two widths.</summary>
    public LayerCost Cost(int edge, Bitwidth from, Bitwidth to) => _edges[edge].Costs[Slot(from) * 3 + Slot(to)];

    /// <summary>Adds what a policy's changes of width cost.</summary>
    public void AddTo(ref CostSum total, Policy policy)
    {
        foreach (var (from, to, costs) in _edges)
            if (Find(costs, policy, from, to) is { Seconds: > 0 } cost) total.Add(cost, 0, isEnd: false);
    }

    /// <summary>A layer's or tensor's own cost with that of bringing others to its width.</summary>
    public LayerCost With(LayerCost own, int item, Policy policy)
    {
        foreach (var (from, to, costs) in _edges)
            if (to == item && Find(costs, policy, from, to) is { Seconds: > 0 } cost) own = own.Plus(cost);
        return own;
    }

    private static LayerCost Find(LayerCost[] costs, Policy policy, int from, int to) => costs[Slot(policy[from].Activations) * 3 + Slot(policy[to].Activations)];

    private static int Slot(Bitwidth width) => width <= Bitwidth.Eight ? 0 : width <= Bitwidth.Sixteen ? 1 : 2;
}
