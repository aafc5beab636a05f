using System.Collections.Immutable;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// The dual problem where all that is open is which activations have more than 8 bits: everything wide at first, then one tensor after another narrower, those first that save most of the
/// objective's cost for what they are scored to hurt. That is the order of the knapsack's relaxation (Dantzig 1957), whose answers for all budgets are beginnings of one sequence. The sequence
/// depends on no limit, and of two limits the looser ends no earlier in it: its wide tensors are among those of the tighter.
/// </summary>
internal sealed class NarrowingOrder
{
    // What outputs may lose of the cosine that 16 bits everywhere give: 0.001, a fifth of it kept for samples that were not searched on. And the share of wide numbers that this is worth.
    private const double AsGood = 0.0008, Few = 0.15;

    private readonly SearchProblem _problem;
    private readonly ImmutableArray<ImmutableArray<int>> _groups;
    private readonly int[] _ends;

    private NarrowingOrder(SearchProblem problem, ImmutableArray<ImmutableArray<int>> groups)
    {
        (_problem, _groups) = (problem, groups);
        Widest = problem.Space.Widest;
        // A policy that costs no less than one before it, as it joins tensors of other widths, is no answer.
        var ends = new List<int>();
        double least = double.PositiveInfinity;
        var policy = Widest;
        for (int count = 0; count <= groups.Length; count++)
        {
            if (count > 0) policy = Narrowed(policy, groups[(count - 1)..count]);
            if (CostOf(policy) is var cost && !(cost < least) && count > 0) continue;
            least = cost;
            ends.Add(count);
        }
        _ends = [.. ends];
    }

    // What tensors may hurt together, in their sum, before they are looked at together.
    private const double Together = 2;

    /// <summary>The first policy of the sequence with few wide numbers.</summary>
    private Policy WithFew => At(_ends[FirstOfFew()]);

    /// <summary>Every free activation at its widest.</summary>
    public Policy Widest { get; }

    /// <summary>Activations are the only choice, between at most 8 bits and more.</summary>
    public static bool Serves(SearchProblem problem)
    {
        var space = problem.Space;
        return space.Groups.Any(g => space.ActivationsOf(g[0]).Length == 2)
            && space.Groups.All(g => space.ActivationsOf(g[0]) is var widths && (widths.Length == 1 || (widths.Length == 2 && widths[0] <= Bitwidth.Eight && widths[1] > Bitwidth.Eight)))
            && Enumerable.Range(0, space.Layers).All(i => space.ChoicesOf(i).Length == space.ActivationsOf(i).Length);
    }

    /// <summary>
    /// The sequence by these scores, or by their roots where that hurts less: errors that add up in amplitude do more together than scores say. Where they do much more all the same, every tensor is
    /// measured once more, among the others as they are where few are wide.
    /// </summary>
    /// <exception cref="OperationCanceledException">The search is over.</exception>
    public static NarrowingOrder Of(SearchRun run, SensitivityTable scores)
    {
        run.Phase = "ordering tensors";
        var (problem, space) = (run.Problem, run.Problem.Space);
        var harms = space.Groups.Where(g => space.ActivationsOf(g[0]).Length == 2).ToDictionary(g => g[0], g =>
            Math.Max(0, g.Sum(i => scores.Of(i, NarrowingSavings.Narrowed(space, i)) - scores.Of(i, space.Widest[i]))));
        NarrowingOrder[] orders = [By(harm => harm), By(Math.Sqrt)];
        run.Announce([], [.. orders.Select(order => order.WithFew), orders[0].Widest]);
        var best = orders.MinBy(order => Loss(order.WithFew))!;
        var few = best.WithFew;
        double loss = Loss(few), predicted = harms.Where(h => few[h.Key] != best.Widest[h.Key]).Sum(h => h.Value);
        if (loss - Loss(best.Widest) <= Together * predicted) return best;
        run.Announce([], best._groups.Select(Turned));
        foreach (var group in best._groups)
        {
            bool isNarrow = few[group[0]] != best.Widest[group[0]];
            double changed = Loss(Turned(group));
            harms[group[0]] += Math.Max(0, isNarrow ? loss - changed : changed - loss);
        }
        return By(harm => harm);

        NarrowingOrder By(Func<double, double> of) => new(problem, NarrowingSavings.Order(problem, group => of(harms[group[0]])));

        Policy Turned(ImmutableArray<int> group)
        {
            bool isNarrow = few[group[0]] != best.Widest[group[0]];
            return best.Changed(few, group, i => isNarrow ? best.Widest[i] : NarrowingSavings.Narrowed(space, i));
        }

        double Loss(Policy policy) => run.Prober.Evaluate(policy, CancellationToken.None).Loss;
    }

    /// <summary>
    /// Measures its way to the answer: under a strict limit outputs as good as those of the widest policy where few wide numbers are enough for that, otherwise the best that so few give and
    /// the limit allows; under any other, as few as it allows. False where not even the widest policy keeps the limit.
    /// </summary>
    public bool Descend(SearchRun run, AccuracyLimit limit)
    {
        run.Phase = "narrowing tensors";
        var widest = run.Measure(Widest);
        if (!limit.Keeps(widest))
        {
            limit.Loosen();
            return false;
        }
        int last = _ends.Length - 1;
        int few = FirstOfFew();
        int close = Furthest(0, last);
        if (!limit.IsStrict || close >= few) return true;
        limit.Loosen();
        if (!Keeps(few)) Furthest(close, few - 1);
        return true;

        int Furthest(int low, int high)
        {
            while (low < high)
            {
                int middle = (low + high + 1) / 2;
                // Whatever comes of it, one of two follows.
                run.Announce(((int[])[middle, (middle + high + 1) / 2, (low + middle) / 2]).Distinct().Select(index => At(_ends[index])).Where(IsAffordable));
                if (Keeps(middle)) low = middle;
                else high = middle - 1;
            }
            return low;
        }

        bool Keeps(int index)
        {
            var policy = At(_ends[index]);
            return IsAffordable(policy) && limit.Keeps(run.Measure(policy));
        }

        bool IsAffordable(Policy policy) => _problem.Budget.Admits(_problem.Costs.PriceWhole(policy));
    }

    // The wide share only falls along the sequence. Where it stays above, because of what is pinned, the last.
    private int FirstOfFew()
    {
        int low = 0, high = _ends.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (WideTensors.Share(_problem.Layers, At(_ends[middle])) <= Few) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    /// <summary>What outputs have to keep under a strict limit, by the score of the widest policy.</summary>
    public static void Require(AccuracyLimit limit, PolicyScore widest)
    {
        if (limit.IsStrict && widest.Cosine is { } cosine) limit.Require(cosine - AsGood, widest);
    }

    /// <summary>The policy in which that many tensors of the sequence are narrow.</summary>
    private Policy At(int count) => Narrowed(Widest, _groups[..count]);

    private Policy Narrowed(Policy policy, ImmutableArray<ImmutableArray<int>> groups) =>
        Changed(policy, groups.SelectMany(g => g), item => NarrowingSavings.Narrowed(_problem.Space, item));

    private Policy Changed(Policy policy, IEnumerable<int> items, Func<int, LayerBits> to)
    {
        var bits = policy.Bits.ToArray();
        foreach (int item in items) bits[item] = to(item);
        return new Policy([.. bits]);
    }

    private double CostOf(Policy policy) => SearchGoal.CostOf(_problem, policy, _problem.Costs.PriceWhole(policy));
}
