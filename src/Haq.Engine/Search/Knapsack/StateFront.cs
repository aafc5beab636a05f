namespace Haq.Engine.Search.Knapsack;

/// <summary>Keeps the states that no other one beats in damage and in every cost.</summary>
internal sealed class StateFront(int constraints)
{
    // With a third cost only the last states kept are looked at, which is enough to hold the list down and never drops what could be needed.
    private const int Window = 48;

    /// <summary>The states that are not dominated, ascending by the first cost; of equal ones the first.</summary>
    public List<CoreState> Of(List<CoreState> states)
    {
        var order = states.Select((s, i) => (s, i)).ToArray();
        Array.Sort(order, (x, y) => Compare(x.s, y.s) is var byState && byState != 0 ? byState : x.i.CompareTo(y.i));
        return constraints > 2 ? ByWindow(order) : ByLeastDamage(order);
    }

    private static int Compare(in CoreState x, in CoreState y) =>
        x.Cost0 != y.Cost0 ? x.Cost0.CompareTo(y.Cost0) : x.Cost1 != y.Cost1 ? x.Cost1.CompareTo(y.Cost1) : x.Damage.CompareTo(y.Damage);

    // What was before costs no more of the first; the least damage among those that cost no more of the second comes out of a Fenwick tree of prefix minima.
    private static List<CoreState> ByLeastDamage((CoreState State, int)[] order)
    {
        double[] seconds = [.. order.Select(o => o.State.Cost1)];
        int[] at = [.. Enumerable.Range(0, seconds.Length)];
        Array.Sort(seconds, at);
        int[] rank = new int[at.Length];
        for (int i = 0, r = 0; i < at.Length; i++)
        {
            if (i == 0 || seconds[i] != seconds[i - 1]) r++;
            rank[at[i]] = r;
        }
        double[] least = new double[rank.Length + 1];
        Array.Fill(least, double.PositiveInfinity);
        var kept = new List<CoreState>();
        for (int i = 0; i < order.Length; i++)
        {
            double before = double.PositiveInfinity;
            for (int r = rank[i]; r > 0; r -= r & -r) before = Math.Min(before, least[r]);
            if (before <= order[i].State.Damage) continue;
            kept.Add(order[i].State);
            for (int r = rank[i]; r < least.Length; r += r & -r) least[r] = Math.Min(least[r], order[i].State.Damage);
        }
        return kept;
    }

    private static List<CoreState> ByWindow((CoreState State, int)[] order)
    {
        var kept = new List<CoreState>();
        foreach (var (s, _) in order)
        {
            bool dominated = false;
            for (int w = Math.Max(0, kept.Count - Window); w < kept.Count && !dominated; w++)
                dominated = kept[w].Damage <= s.Damage && kept[w].Cost1 <= s.Cost1 && kept[w].Cost2 <= s.Cost2;
            if (!dominated) kept.Add(s);
        }
        return kept;
    }
}
