namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// A forest of groups with every cost turned into damage at a multiplier: solved by one pass up and one down, with what each choice of a group makes of the whole at least. Damage itself has
/// a weight, too: with none, it is the least of the costs.
/// </summary>
internal sealed class ForestRelaxation
{
    private readonly GroupForest _forest;
    private readonly OptionSet[][][] _options;
    private readonly double[] _multipliers;
    private readonly double _weight;

    /// <summary>Solves it.</summary>
    /// <param name="forest">The groups.</param>
    /// <param name="options">Choices of weights by group, activation width and member.</param>
    /// <param name="weight">Of damage: 1, or 0 for costs alone.</param>
    /// <param name="multipliers">Of every cost.</param>
    public ForestRelaxation(GroupForest forest, OptionSet[][][] options, double weight, double[] multipliers)
    {
        (_forest, _options, _weight, _multipliers) = (forest, options, weight, multipliers);
        Inner = [.. options.Select(widths => widths.Select(members => members.Sum(m => Least(m))).ToArray())];
        Message = new double[options.Length][];
        foreach (int group in forest.Order)
        {
            int above = forest.Parent[group];
            if (above < 0)
            {
                Value += Inner[group].Min();
                continue;
            }
            Message[group] = new double[options[above].Length];
            for (int a = 0; a < Message[group].Length; a++)
            {
                Message[group][a] = Enumerable.Range(0, options[group].Length).Min(own => Inner[group][own] + Edge(group, own, a));
                Inner[above][a] += Message[group][a];
            }
        }
        Outer = new double[options.Length][];
        foreach (int group in forest.Order.Reverse())
        {
            int above = forest.Parent[group];
            Outer[group] = [.. Enumerable.Range(0, options[group].Length).Select(own => above < 0
                ? Value - Inner[group].Min()
                : Enumerable.Range(0, options[above].Length).Min(a => Outer[above][a] + Inner[above][a] - Message[group][a] + Edge(group, own, a)))];
        }
    }

    /// <summary>The least of the whole.</summary>
    public double Value { get; }

    /// <summary>The least of a group and all below it, by the group's activation width.</summary>
    public double[][] Inner { get; }

    /// <summary>The least of a group, all below it and the edge above it, by the upper group's activation width.</summary>
    public double[][] Message { get; }

    /// <summary>The least of all but a group and what is below it, by the group's activation width.</summary>
    public double[][] Outer { get; }

    /// <summary>Damage and costs, each times its weight.</summary>
    public double Of(in CoreState state)
    {
        double value = _weight * state.Damage;
        for (int k = 0; k < _multipliers.Length; k++) value += _multipliers[k] * state.Cost(k);
        return value;
    }

    /// <summary>The least that a member adds at one activation width.</summary>
    public double Least(OptionSet member)
    {
        double least = double.PositiveInfinity;
        for (int i = 0; i < member.Count; i++) least = Math.Min(least, Of(member, i));
        return least;
    }

    /// <summary>A choice for every group whose sum is the least: the activation width, and each member's option.</summary>
    public (int Width, int[] Options)[] Choice()
    {
        var choice = new (int Width, int[] Options)[_options.Length];
        foreach (int group in _forest.Order.Reverse())
        {
            int above = _forest.Parent[group], best = 0;
            double least = double.PositiveInfinity;
            for (int own = 0; own < _options[group].Length; own++)
            {
                double value = Inner[group][own] + (above < 0 ? 0 : Edge(group, own, choice[above].Width));
                if (value < least) (best, least) = (own, value);
            }
            choice[group] = (best, [.. _options[group][best].Select(Best)]);
        }
        return choice;
    }

    private int Best(OptionSet member)
    {
        int best = 0;
        for (int i = 1; i < member.Count; i++) if (Of(member, i) < Of(member, best)) best = i;
        return best;
    }

    private double Of(OptionSet member, int option)
    {
        double value = _weight * member.Damage[option];
        for (int k = 0; k < _multipliers.Length; k++) value += _multipliers[k] * member.Cost(option, k);
        return value;
    }

    private double Edge(int group, int own, int above)
    {
        var costs = _forest.Edge(group, own, above, _options[_forest.Parent[group]].Length);
        double value = 0;
        for (int k = 0; k < costs.Length; k++) value += _multipliers[k] * costs[k];
        return value;
    }
}
