namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// The multipliers at which the relaxation of a forest bounds best, found by bisection: under one limit the peak, under several one limit after another in turns, which may end beside the
/// peak and is a bound all the same. The affordable choices met on the way are kept.
/// </summary>
internal sealed class ForestDual(GroupForest forest, OptionSet[][][] options, double[] limits)
{
    private const int Doublings = 60, Halvings = 48, Rounds = 4;

    private readonly double[] _multipliers = new double[limits.Length];

    /// <summary>The multipliers of the best bound.</summary>
    public double[] Multipliers { get; private set; } = new double[limits.Length];

    /// <summary>No affordable choice has less damage.</summary>
    public double Bound { get; private set; } = double.NegativeInfinity;

    /// <summary>The affordable choice with the least damage that was met; null where none was.</summary>
    public (int Width, int[] Options)[]? Feasible { get; private set; }

    /// <summary>Its damage.</summary>
    public double FeasibleDamage { get; private set; } = double.PositiveInfinity;

    /// <summary>Looks for them.</summary>
    public void Maximize()
    {
        double[] spent = Evaluate();
        if (Admits(spent)) return;
        for (int round = 0; round < (limits.Length == 1 ? 1 : Rounds); round++)
            for (int k = 0; k < limits.Length; k++) Along(k);
    }

    private void Along(int k)
    {
        double low = 0, high = Math.Max(_multipliers[k], Scale(k));
        _multipliers[k] = 0;
        if (Evaluate()[k] <= limits[k]) return;
        for (int i = 0; i < Doublings; i++, high *= 4)
        {
            _multipliers[k] = high;
            if (Evaluate()[k] <= limits[k]) break;
            low = high;
        }
        for (int i = 0; i < Halvings && high - low > 1e-12 * high; i++)
        {
            _multipliers[k] = (low + high) / 2;
            if (Evaluate()[k] <= limits[k]) high = _multipliers[k];
            else low = _multipliers[k];
        }
        _multipliers[k] = high;
    }

    // As if all damage there is were spread over the limit.
    private double Scale(int k)
    {
        double most = options.Sum(widths => widths.Max(members => members.Sum(m => m.Damage.Max())));
        return Math.Max(most, 1e-30) / Math.Max(Math.Abs(limits[k]), 1e-300) / options.Length;
    }

    private double[] Evaluate()
    {
        var relaxed = new ForestRelaxation(forest, options, 1, _multipliers);
        double bound = relaxed.Value;
        for (int k = 0; k < limits.Length; k++) bound -= _multipliers[k] * limits[k];
        if (bound > Bound) (Bound, Multipliers) = (bound, [.. _multipliers]);
        var choice = relaxed.Choice();
        var (damage, spent) = SumOf(choice);
        if (damage < FeasibleDamage && Admits(spent)) (Feasible, FeasibleDamage) = (choice, damage);
        return spent;
    }

    private bool Admits(double[] spent)
    {
        for (int k = 0; k < limits.Length; k++) if (spent[k] > limits[k]) return false;
        return true;
    }

    private (double Damage, double[] Spent) SumOf((int Width, int[] Options)[] choice)
    {
        double damage = 0;
        double[] spent = new double[limits.Length];
        for (int g = 0; g < choice.Length; g++)
        {
            var members = options[g][choice[g].Width];
            for (int m = 0; m < members.Length; m++)
            {
                damage += members[m].Damage[choice[g].Options[m]];
                for (int k = 0; k < spent.Length; k++) spent[k] += members[m].Cost(choice[g].Options[m], k);
            }
            if (forest.Parent[g] is var above && above < 0) continue;
            var edge = forest.Edge(g, choice[g].Width, choice[above].Width, options[above].Length);
            for (int k = 0; k < spent.Length; k++) spent[k] += edge[k];
        }
        return (damage, spent);
    }
}
