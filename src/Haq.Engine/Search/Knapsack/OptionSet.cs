using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>The choices of one layer, without those that another one beats in damage and in every cost. Ascending by the first cost.</summary>
internal sealed class OptionSet
{
    private readonly double[] _costs;
    private readonly int _constraints;

    /// <summary>Keeps what is not dominated of the given choices; <paramref name="costs"/> is laid out <c>[choice, constraint]</c>.</summary>
    public OptionSet(int layer, ReadOnlySpan<LayerBits> bits, ReadOnlySpan<double> damage, ReadOnlySpan<double> costs, int constraints)
    {
        (Layer, _constraints) = (layer, constraints);
        int[] order = Ordered(damage, costs, constraints);
        var kept = new List<int>(order.Length);
        foreach (int candidate in order)
            if (!Dominated(candidate, kept, damage, costs, constraints)) kept.Add(candidate);
        Bits = new LayerBits[kept.Count];
        Damage = new double[kept.Count];
        _costs = new double[kept.Count * constraints];
        for (int i = 0; i < kept.Count; i++)
        {
            (Bits[i], Damage[i]) = (bits[kept[i]], damage[kept[i]]);
            costs.Slice(kept[i] * constraints, constraints).CopyTo(_costs.AsSpan(i * constraints));
        }
    }

    private OptionSet(int layer, LayerBits[] bits, double[] damage, double[] costs, int constraints)
    {
        (Layer, Bits, Damage, _costs, _constraints) = (layer, bits, damage, costs, constraints);
    }

    /// <summary>The same choices with one constraint turned into damage at a multiplier.</summary>
    public OptionSet Folded(int constraint, double multiplier)
    {
        double[] damage = [.. Damage.Select((d, i) => d + multiplier * Cost(i, constraint))];
        double[] costs = [.. _costs.Where((_, at) => at % _constraints != constraint)];
        return new OptionSet(Layer, Bits, damage, costs, _constraints - 1);
    }

    /// <summary>The same choices, each of which costs so much more.</summary>
    public OptionSet Plus(ReadOnlySpan<double> more)
    {
        double[] costs = [.. _costs];
        for (int i = 0; i < costs.Length; i++) costs[i] += more[i % _constraints];
        return new OptionSet(Layer, Bits, Damage, costs, _constraints);
    }

    /// <summary>The layer.</summary>
    public int Layer { get; }

    /// <summary>Number of costs that every choice has.</summary>
    public int Constraints => _constraints;

    /// <summary>Number of choices.</summary>
    public int Count => Bits.Length;

    /// <summary>The bits of every choice.</summary>
    public LayerBits[] Bits { get; }

    /// <summary>The damage of every choice.</summary>
    public double[] Damage { get; }

    /// <summary>What one choice costs under one constraint.</summary>
    public double Cost(int choice, int constraint) => _costs[choice * _constraints + constraint];

    /// <summary>Damage plus the costs, each times its multiplier.</summary>
    public double Penalized(int choice, ReadOnlySpan<double> multipliers)
    {
        double value = Damage[choice];
        for (int k = 0; k < multipliers.Length; k++) value += multipliers[k] * _costs[choice * multipliers.Length + k];
        return value;
    }

    /// <summary>The choice with the least penalized damage; the cheapest of equals.</summary>
    public int Best(ReadOnlySpan<double> multipliers)
    {
        int best = 0;
        double least = Penalized(0, multipliers);
        for (int i = 1; i < Count; i++)
        {
            double value = Penalized(i, multipliers);
            if (value < least) (best, least) = (i, value);
        }
        return best;
    }

    // By first cost, then the others, then damage, then position: a choice can be dominated only by one before it.
    private static int[] Ordered(ReadOnlySpan<double> damage, ReadOnlySpan<double> costs, int constraints)
    {
        double[] d = damage.ToArray(), c = costs.ToArray();
        int[] order = [.. Enumerable.Range(0, d.Length)];
        Array.Sort(order, (x, y) =>
        {
            for (int k = 0; k < constraints; k++)
            {
                int byCost = c[x * constraints + k].CompareTo(c[y * constraints + k]);
                if (byCost != 0) return byCost;
            }
            int byDamage = d[x].CompareTo(d[y]);
            return byDamage != 0 ? byDamage : x.CompareTo(y);
        });
        return order;
    }

    private static bool Dominated(int candidate, List<int> kept, ReadOnlySpan<double> damage, ReadOnlySpan<double> costs, int constraints)
    {
        foreach (int other in kept)
        {
            if (damage[other] > damage[candidate]) continue;
            bool cheaper = true;
            for (int k = 0; k < constraints && cheaper; k++) cheaper = costs[other * constraints + k] <= costs[candidate * constraints + k];
            if (cheaper) return true;
        }
        return false;
    }
}
