namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// The lower convex hull of an item's (cost, damage) points under one constraint, from the cheapest to the least damaging. Only these choices can be optimal for
/// some multiplier, and walking all items' hulls by falling slope visits every optimum of the relaxation.
/// </summary>
internal static class LowerHull
{
    /// <summary>The hull of one item. A group's is the hull of all its alternatives together, each the Minkowski sum of its members' hulls.</summary>
    public static List<Pick> Of(KnapsackItem item, int constraints, int constraint)
    {
        var points = new List<Pick>();
        for (int a = 0; a < item.Alternatives.Length; a++)
        {
            var hulls = item.Alternatives[a].Select(member => Of(Enumerable.Range(0, member.Count), i => member.Cost(i, constraint), i => member.Damage[i])).ToArray();
            int[] at = new int[hulls.Length];
            points.Add(Point(a));
            while (Steepest() is { } next)
            {
                at[next]++;
                points.Add(Point(a));
            }

            Pick Point(int alternative) => item.At(alternative, [.. at.Select((position, m) => hulls[m][position])], constraints);

            // The member whose next edge saves most damage for its cost.
            int? Steepest()
            {
                int? best = null;
                double slope = double.PositiveInfinity;
                for (int m = 0; m < hulls.Length; m++)
                {
                    if (at[m] + 1 == hulls[m].Count) continue;
                    var member = item.Alternatives[a][m];
                    int from = hulls[m][at[m]], to = hulls[m][at[m] + 1];
                    double s = (member.Damage[to] - member.Damage[from]) / (member.Cost(to, constraint) - member.Cost(from, constraint));
                    if (s < slope) (best, slope) = (m, s);
                }
                return best;
            }
        }
        return item.Alternatives.Length == 1 ? points : Of(points, p => p.Costs[constraint], p => p.Damage);
    }

    /// <summary>The points on the lower hull (Andrew's monotone chain), with strictly rising cost and strictly falling damage.</summary>
    public static List<T> Of<T>(IEnumerable<T> points, Func<T, double> cost, Func<T, double> damage)
    {
        var hull = new List<T>();
        foreach (var p in points.OrderBy(cost).ThenBy(damage))
        {
            if (hull.Count > 0 && damage(p) >= damage(hull[^1])) continue;
            while (hull.Count >= 2 && !TurnsUp(hull[^2], hull[^1], p)) hull.RemoveAt(hull.Count - 1);
            hull.Add(p);
        }
        return hull;

        bool TurnsUp(T a, T b, T c) => (cost(b) - cost(a)) * (damage(c) - damage(a)) > (damage(b) - damage(a)) * (cost(c) - cost(a));
    }
}
