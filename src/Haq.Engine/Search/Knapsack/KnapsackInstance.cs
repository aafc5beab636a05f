namespace Haq.Engine.Search.Knapsack;

/// <summary>min Σ damage, one choice per item, Σ cost ≤ limit under every constraint.</summary>
internal sealed record KnapsackInstance(KnapsackItem[] Items, double[] Limits)
{
    /// <summary>Number of constraints.</summary>
    public int Constraints => Limits.Length;

    /// <summary>By how much solutions can differ in damage, at most.</summary>
    public double MostDamage => Items.Sum(i => i.Alternatives.Max(a => a.Sum(m => m.Damage.Max())) - i.Alternatives.Min(a => a.Sum(m => m.Damage.Min())));

    /// <summary>The same problem with one constraint turned into damage at a multiplier.</summary>
    public KnapsackInstance Folded(int constraint, double multiplier) =>
        new([.. Items.Select(i => new KnapsackItem([.. i.Alternatives.Select(a => a.Select(m => m.Folded(constraint, multiplier)).ToArray())]))],
            [.. Limits.Where((_, k) => k != constraint)]);

    /// <summary>The same problem under one of its constraints.</summary>
    public KnapsackInstance Only(int constraint)
    {
        var only = this;
        for (int k = Constraints - 1; k >= 0; k--)
            if (k != constraint) only = only.Folded(k, 0);
        return only;
    }

    /// <summary>Every limit is kept.</summary>
    public bool Admits(ReadOnlySpan<double> costs)
    {
        for (int k = 0; k < Limits.Length; k++)
            if (costs[k] > Limits[k]) return false;
        return true;
    }

    /// <summary>The best choice of every item for given multipliers: the minimum of the Lagrangian.</summary>
    public Pick[] Relaxed(ReadOnlySpan<double> multipliers)
    {
        var picks = new Pick[Items.Length];
        for (int i = 0; i < picks.Length; i++) picks[i] = Items[i].Best(multipliers);
        return picks;
    }

    /// <summary>The minimum of the penalized damage, without making the choices; their costs are written to <paramref name="costs"/>.</summary>
    public double Evaluate(ReadOnlySpan<double> multipliers, Span<double> costs)
    {
        costs.Clear();
        double sum = 0;
        foreach (var item in Items) sum += item.AddBest(multipliers, costs);
        return sum;
    }

    /// <summary>What the choices cost under every constraint.</summary>
    public double[] CostOf(ReadOnlySpan<Pick> picks)
    {
        double[] costs = new double[Constraints];
        foreach (var pick in picks)
            for (int k = 0; k < costs.Length; k++) costs[k] += pick.Costs[k];
        return costs;
    }

    /// <summary>The damage of the choices together.</summary>
    public static double DamageOf(ReadOnlySpan<Pick> picks)
    {
        double damage = 0;
        foreach (var pick in picks) damage += pick.Damage;
        return damage;
    }
}
