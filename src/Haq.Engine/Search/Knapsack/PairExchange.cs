namespace Haq.Engine.Search.Knapsack;

/// <summary>Improves an affordable solution by changing two items at a time: under several limits the greedy fill ends where what one item frees another one needs.</summary>
internal static class PairExchange
{
    private const int MostMoves = 500, MostRounds = 60;

    private readonly record struct Move(int Item, int Candidate, double Reduced);

    /// <summary>Improves <paramref name="picks"/> in place; <paramref name="candidates"/> are the choices considered, by item.</summary>
    public static void Improve(KnapsackInstance instance, double[] multipliers, Pick[] picks, IReadOnlyList<IReadOnlyList<Pick>> candidates)
    {
        double[] costs = instance.CostOf(picks);
        for (int round = 0; round < MostRounds; round++)
        {
            var moves = Cheapest(multipliers, picks, candidates);
            if (Best(instance, costs, picks, candidates, moves) is not { } pair) return;
            Take(pair.First);
            Take(pair.Second);
        }

        void Take(Move move)
        {
            var next = candidates[move.Item][move.Candidate];
            for (int k = 0; k < costs.Length; k++) costs[k] += next.Costs[k] - picks[move.Item].Costs[k];
            picks[move.Item] = next;
        }
    }

    // The changes that cost least when limits are paid for at their multipliers: better pairs are made of these.
    private static Move[] Cheapest(double[] multipliers, Pick[] picks, IReadOnlyList<IReadOnlyList<Pick>> candidates)
    {
        var moves = new List<Move>();
        for (int i = 0; i < picks.Length; i++)
        {
            double own = picks[i].Penalized(multipliers);
            for (int c = 0; c < candidates[i].Count; c++)
                if (!ReferenceEquals(candidates[i][c], picks[i])) moves.Add(new Move(i, c, candidates[i][c].Penalized(multipliers) - own));
        }
        return [.. moves.OrderBy(m => m.Reduced).ThenBy(m => m.Item).ThenBy(m => m.Candidate).Take(MostMoves)];
    }

    private static (Move First, Move Second)? Best(KnapsackInstance instance, double[] costs, Pick[] picks, IReadOnlyList<IReadOnlyList<Pick>> candidates, Move[] moves)
    {
        (Move, Move)? best = null;
        // Less would be a rounding, and exchanges could go in circles.
        double most = 1e-12 * Math.Abs(KnapsackInstance.DamageOf(picks));
        Span<double> left = stackalloc double[costs.Length];
        for (int a = 0; a < moves.Length; a++)
        {
            var (from, to) = (picks[moves[a].Item], candidates[moves[a].Item][moves[a].Candidate]);
            double first = from.Damage - to.Damage;
            for (int k = 0; k < left.Length; k++) left[k] = instance.Limits[k] - costs[k] + from.Costs[k] - to.Costs[k];
            for (int b = a + 1; b < moves.Length; b++)
            {
                if (moves[b].Item == moves[a].Item) continue;
                var (old, next) = (picks[moves[b].Item], candidates[moves[b].Item][moves[b].Candidate]);
                double gain = first + old.Damage - next.Damage;
                if (gain <= most) continue;
                bool fits = true;
                for (int k = 0; k < left.Length && fits; k++) fits = next.Costs[k] - old.Costs[k] <= left[k];
                if (fits) (best, most) = ((moves[a], moves[b]), gain);
            }
        }
        return best;
    }
}
