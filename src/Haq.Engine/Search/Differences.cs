using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Search;

/// <summary>What every change of one width by one step does to the loss of one policy.</summary>
internal sealed class Differences
{
    private readonly SearchSpace _space;
    private readonly Dictionary<WidthChange, double> _losses = [];

    private Differences(Policy centre, SearchSpace space) => (Centre, _space) = (centre, space);

    /// <summary>The policy around which was measured.</summary>
    public Policy Centre { get; }

    /// <summary>How many neighbours a policy may have: two for every width that can be chosen.</summary>
    public static int MostAround(SearchSpace space) => 2 * (space.Layers + space.Groups.Length);

    /// <summary>Measures the neighbours of <paramref name="centre"/>: all, or where there are more than <paramref name="most"/> those that <paramref name="scores"/> promise most of.</summary>
    /// <exception cref="OperationCanceledException">The search was over before.</exception>
    public static Differences Around(Policy centre, SearchSpace space, IForesightedEvaluator prober, SensitivityTable scores, int most)
    {
        var differences = new Differences(centre, space);
        var changes = Neighbours(centre, space, scores, most);
        prober.Announce([.. Policies(centre, space, scores, most).Select(p => new EvaluationRequest(p))]);
        double reference = prober.Evaluate(centre, CancellationToken.None).Loss;
        foreach (var change in changes) differences._losses[change] = prober.Evaluate(change.Apply(centre)!, CancellationToken.None).Loss - reference;
        return differences;
    }

    /// <summary>The policies that <see cref="Around"/> measures, in that order.</summary>
    public static IEnumerable<Policy> Policies(Policy centre, SearchSpace space, SensitivityTable scores, int most) =>
        Neighbours(centre, space, scores, most).Select(change => change.Apply(centre)!).Prepend(centre);

    private static WidthChange[] Neighbours(Policy centre, SearchSpace space, SensitivityTable scores, int most)
    {
        WidthChange[] neighbours = [.. Changes(centre, space).Where(change => space.Contains(change.Apply(centre)!))];
        return neighbours.Length > most ? Promising(neighbours, scores, most) : neighbours;
    }

    // An exchange takes both: half are the wider ones that should gain most, half the narrower ones that should hurt least.
    private static WidthChange[] Promising(WidthChange[] changes, SensitivityTable scores, int most)
    {
        WidthChange[] wider = [.. changes.Where(c => c.To > c.From).OrderBy(Rise).Take(most / 2)];
        return [.. wider, .. changes.Where(c => c.To < c.From).OrderBy(Rise).Take(most - wider.Length)];

        double Rise(WidthChange change) => ScoreOf(change, change.To) - ScoreOf(change, change.From);

        double ScoreOf(WidthChange change, Bitwidth width)
        {
            var own = change.IsWeights ? scores.WeightsOf(change.Members[0]) : scores.ActivationsOf(change.Members[0]);
            return width > SensitivityTable.MaxBits || double.IsNaN(own[width - 1]) ? 0 : own[width - 1];
        }
    }

    /// <summary>The policy that the knapsack on the differences chooses; null where there is none. Every change is dearer by <paramref name="reluctance"/> mean differences.</summary>
    public Policy? Solve(CostTable costs, Budget budget, double reluctance)
    {
        double extra = _losses.Count == 0 ? 0 : reluctance * _losses.Values.Average(Math.Abs);
        var worth = _losses.ToDictionary(l => (l.Key.Members[0], l.Key.IsWeights, l.Key.To), l => l.Value + extra);
        SearchSpace around;
        try
        {
            around = _space.Where((layer, bits) => Known(layer, bits));
        }
        catch (ArgumentException)
        {
            return null;
        }
        return new PolicyKnapsack(around, costs, budget, Damage).Solve()?.Policy;

        bool Known(int layer, LayerBits bits) =>
            (bits.Weights == Centre[layer].Weights || worth.ContainsKey((layer, true, bits.Weights)))
            && (bits.Activations == Centre[layer].Activations || worth.ContainsKey((_space.GroupOf(layer)[0], false, bits.Activations)));

        double Damage(int layer, LayerBits bits)
        {
            double damage = bits.Weights == Centre[layer].Weights ? 0 : worth[(layer, true, bits.Weights)];
            // A group's activations count once, at its first layer.
            if (bits.Activations != Centre[layer].Activations && _space.GroupOf(layer)[0] == layer) damage += worth[(layer, false, bits.Activations)];
            return damage;
        }
    }

    /// <summary>The most promising single change or exchange of two from <paramref name="current"/> that is allowed; null where none promises to lower the loss.</summary>
    public (WidthChange First, WidthChange? Second, Policy Policy)? BestUnknown(Policy current, Func<Policy, bool> allowed)
    {
        (WidthChange First, WidthChange? Second, Policy Policy)? best = null;
        double least = 0;
        foreach (var (first, gain) in _losses)
        {
            Consider(first, null, gain);
            if (gain >= 0) continue;
            foreach (var (second, loss) in _losses)
                if (second.Key != first.Key) Consider(first, second, gain + loss);
        }
        return best;

        void Consider(WidthChange first, WidthChange? second, double value)
        {
            if (value >= least || first.Apply(current) is not { } policy) return;
            if (second is not null)
            {
                if (second.Apply(policy) is not { } both) return;
                policy = both;
            }
            if (!_space.Contains(policy) || !allowed(policy)) return;
            (best, least) = ((first, second, policy), value);
        }
    }

    /// <summary>Moves what the changes of a measured move are thought to be worth half-way to what they proved to be, in equal shares.</summary>
    public void Correct((WidthChange First, WidthChange? Second, Policy Policy) move, double measured)
    {
        double predicted = _losses[move.First] + (move.Second is { } s ? _losses[s] : 0);
        double share = (measured - predicted) / (move.Second is null ? 2 : 4);
        _losses[move.First] += share;
        if (move.Second is { } second) _losses[second] += share;
    }

    /// <summary>The same, to go on with in thought.</summary>
    public Differences Copy()
    {
        var copy = new Differences(Centre, _space);
        foreach (var (change, loss) in _losses) copy._losses[change] = loss;
        return copy;
    }

    private static IEnumerable<WidthChange> Changes(Policy centre, SearchSpace space)
    {
        foreach (var group in space.Groups)
        {
            foreach (int member in group)
            {
                foreach (var to in Steps(space.WeightsOf(member, centre[member].Activations), centre[member].Weights))
                    yield return new WidthChange([member], true, centre[member].Weights, to);
            }

            foreach (var to in Steps([.. space.ActivationsOf(group[0])], centre[group[0]].Activations))
                yield return new WidthChange(group, false, centre[group[0]].Activations, to);
        }
    }

    private static IEnumerable<Bitwidth> Steps(System.Collections.Immutable.ImmutableArray<Bitwidth> widths, Bitwidth from)
    {
        int at = widths.IndexOf(from);
        if (at > 0) yield return widths[at - 1];
        if (at >= 0 && at + 1 < widths.Length) yield return widths[at + 1];
    }
}
