namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// One decision of the knapsack: a layer with its pairs of widths, or a group of layers that share an activation width. A group's alternatives are the
/// activation widths, and nested in each of them every member has its choice of weight widths.
/// </summary>
internal sealed class KnapsackItem(OptionSet[][] alternatives)
{
    /// <summary>By activation width, then by member. A layer without partners is one alternative with one member that chooses among all pairs.</summary>
    public OptionSet[][] Alternatives { get; } = alternatives;

    /// <summary>The choice with the least penalized damage.</summary>
    public Pick Best(ReadOnlySpan<double> multipliers)
    {
        int best = 0;
        double least = double.PositiveInfinity;
        for (int a = 0; a < Alternatives.Length; a++)
        {
            double value = 0;
            foreach (var member in Alternatives[a]) value += member.Penalized(member.Best(multipliers), multipliers);
            if (value < least) (best, least) = (a, value);
        }
        int[] options = new int[Alternatives[best].Length];
        for (int i = 0; i < options.Length; i++) options[i] = Alternatives[best][i].Best(multipliers);
        return At(best, options, multipliers.Length);
    }

    /// <summary>The least penalized damage; the costs of that choice are added to <paramref name="costs"/>.</summary>
    public double AddBest(ReadOnlySpan<double> multipliers, Span<double> costs)
    {
        int best = 0;
        double least = double.PositiveInfinity;
        for (int a = 0; a < Alternatives.Length; a++)
        {
            double value = 0;
            foreach (var member in Alternatives[a]) value += member.Penalized(member.Best(multipliers), multipliers);
            if (value < least) (best, least) = (a, value);
        }
        foreach (var member in Alternatives[best])
        {
            int option = member.Best(multipliers);
            for (int k = 0; k < costs.Length; k++) costs[k] += member.Cost(option, k);
        }
        return least;
    }

    /// <summary>The choice with the least of one cost.</summary>
    public double LeastCost(int constraint)
    {
        double least = double.PositiveInfinity;
        foreach (var alternative in Alternatives) least = Math.Min(least, alternative.Sum(member => Enumerable.Range(0, member.Count).Min(i => member.Cost(i, constraint))));
        return least;
    }

    /// <summary>A choice by its parts.</summary>
    public Pick At(int alternative, int[] options, int constraints)
    {
        double damage = 0;
        double[] costs = new double[constraints];
        for (int i = 0; i < options.Length; i++)
        {
            var member = Alternatives[alternative][i];
            damage += member.Damage[options[i]];
            for (int k = 0; k < constraints; k++) costs[k] += member.Cost(options[i], k);
        }
        return new Pick(alternative, options, damage, costs);
    }

    /// <summary>How much the penalized damage rises when another choice than the best one is taken; infinite where there is none.</summary>
    public double Excess(Pick best, ReadOnlySpan<double> multipliers)
    {
        double excess = double.PositiveInfinity, lowest = best.Penalized(multipliers);
        for (int a = 0; a < Alternatives.Length; a++)
        {
            if (a != best.Alternative)
            {
                double total = 0;
                foreach (var member in Alternatives[a]) total += member.Penalized(member.Best(multipliers), multipliers);
                excess = Math.Min(excess, total - lowest);
                continue;
            }
            for (int m = 0; m < Alternatives[a].Length; m++)
            {
                var member = Alternatives[a][m];
                double own = member.Penalized(best.Options[m], multipliers);
                for (int o = 0; o < member.Count; o++)
                    if (o != best.Options[m]) excess = Math.Min(excess, member.Penalized(o, multipliers) - own);
            }
        }
        return excess;
    }

    /// <summary>
    /// Every choice whose penalized damage is at most <paramref name="limit"/>, in a fixed order; false where there are more than <paramref name="most"/> of them
    /// and the list is cut off.
    /// </summary>
    public bool Within(double limit, ReadOnlySpan<double> multipliers, int most, List<Pick> picks)
    {
        double[] multiplierCopy = multipliers.ToArray();
        for (int a = 0; a < Alternatives.Length; a++)
        {
            var members = Alternatives[a];
            // What the members from i on cost at least: the bound that prunes the enumeration.
            double[] rest = new double[members.Length + 1];
            for (int i = members.Length - 1; i >= 0; i--) rest[i] = rest[i + 1] + members[i].Penalized(members[i].Best(multipliers), multipliers);
            if (rest[0] > limit) continue;
            if (!Extend(a, 0, 0, new int[members.Length])) return false;

            bool Extend(int alternative, int position, double soFar, int[] options)
            {
                if (position == options.Length)
                {
                    if (picks.Count >= most) return false;
                    picks.Add(At(alternative, [.. options], multiplierCopy.Length));
                    return true;
                }
                var member = Alternatives[alternative][position];
                for (int i = 0; i < member.Count; i++)
                {
                    double value = soFar + member.Penalized(i, multiplierCopy);
                    if (value + rest[position + 1] > limit) continue;
                    options[position] = i;
                    if (!Extend(alternative, position + 1, value, options)) return false;
                }
                return true;
            }
        }
        return true;
    }
}
