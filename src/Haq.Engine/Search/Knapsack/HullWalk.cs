namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// All items' hulls merged by slope under one constraint: the optimum of the linear relaxation for every budget at once (Dantzig 1957; Sinha and Zoltners 1979).
/// </summary>
internal sealed class HullWalk
{
    private readonly List<Pick>[] _hulls;
    private readonly List<Step> _steps = [];

    /// <summary>Prepares the walk of <paramref name="instance"/> under one of its constraints.</summary>
    public HullWalk(KnapsackInstance instance, int constraint)
    {
        _hulls = [.. instance.Items.Select(item => LowerHull.Of(item, instance.Constraints, constraint))];
        for (int i = 0; i < _hulls.Length; i++)
        {
            for (int v = 1; v < _hulls[i].Count; v++)
            {
                var (from, to) = (_hulls[i][v - 1], _hulls[i][v]);
                double cost = to.Costs[constraint] - from.Costs[constraint];
                _steps.Add(new Step(i, v, (from.Damage - to.Damage) / cost, cost));
            }
        }
        // Along one hull the slopes fall strictly, so sorting keeps every item's steps in order; equal slopes go by item.
        _steps.Sort((x, y) => x.Saving != y.Saving ? y.Saving.CompareTo(x.Saving) : x.Item != y.Item ? x.Item.CompareTo(y.Item) : x.Vertex.CompareTo(y.Vertex));
    }

    /// <summary>Every vertex of the relaxation's optimal front, from the cheapest to the least damaging; the array that is passed is reused.</summary>
    public IEnumerable<Pick[]> Vertices()
    {
        var picks = Cheapest();
        yield return picks;
        foreach (var step in _steps)
        {
            picks[step.Item] = _hulls[step.Item][step.Vertex];
            yield return picks;
        }
    }

    /// <summary>The last vertex within <paramref name="limit"/>, and the multiplier there; null where even the cheapest is above it.</summary>
    public (Pick[] Picks, double Multiplier)? Within(double limit, int constraint)
    {
        var picks = Cheapest();
        double cost = picks.Sum(p => p.Costs[constraint]);
        if (cost > limit) return null;
        foreach (var step in _steps)
        {
            if (cost + step.Cost > limit) return (picks, step.Saving);
            cost += step.Cost;
            picks[step.Item] = _hulls[step.Item][step.Vertex];
        }
        return (picks, 0);
    }

    private Pick[] Cheapest() => [.. _hulls.Select(h => h[0])];

    private readonly record struct Step(int Item, int Vertex, double Saving, double Cost);
}
