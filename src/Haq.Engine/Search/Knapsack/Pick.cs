namespace Haq.Engine.Search.Knapsack;

/// <summary>One choice of a <see cref="KnapsackItem"/>: the alternative, an option per member, and what they add up to.</summary>
internal sealed record Pick(int Alternative, int[] Options, double Damage, double[] Costs)
{
    /// <summary>Damage plus the costs, each times its multiplier.</summary>
    public double Penalized(ReadOnlySpan<double> multipliers)
    {
        double value = Damage;
        for (int k = 0; k < multipliers.Length; k++) value += multipliers[k] * Costs[k];
        return value;
    }
}
