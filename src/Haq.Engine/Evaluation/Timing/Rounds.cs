namespace Haq.Engine.Evaluation.Timing;

/// <summary>Runs what is to be timed round after round, each in turn and in an order that turns, until it is clear how each stands to the first one.</summary>
/// <param name="contestants">Each runs once and says how many seconds that took.</param>
/// <param name="options">How long.</param>
internal sealed class Rounds(IReadOnlyList<Func<double>> contestants, RaceOptions options)
{
    // A reading is of several runs, so that what disturbs some of them does not count.
    private const double UsualReading = 8e-3, LongRun = 0.1;

    private const int WarmUp = 3, LeastRepeats = 3, Between = 5;

    private readonly List<double>[] _times = [.. contestants.Select(_ => new List<double>())];
    private double _spent;

    /// <summary>Runs until every ratio to the first is known well enough, or the limits are reached.</summary>
    public RaceResult[] Run(CancellationToken cancellation)
    {
        double shortest = double.PositiveInfinity;
        for (int c = 0; c < contestants.Count; c++)
            for (int i = 0; i < WarmUp; i++) shortest = Math.Min(shortest, Once(c));
        int repeats = shortest > LongRun ? 1 : Math.Clamp((int)Math.Ceiling(UsualReading / Math.Max(1e-7, shortest)), LeastRepeats, options.MostRepeats);
        double[] runs = new double[repeats];
        for (int round = 1; ; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int i = 0; i < contestants.Count; i++)
            {
                int c = (i + round) % contestants.Count;
                for (int r = 0; r < repeats; r++) runs[r] = Once(c);
                Array.Sort(runs);
                _times[c].Add(runs[repeats / 4]);
            }
            if (round < options.LeastRounds) continue;
            if (_spent > options.Patience.TotalSeconds || round >= options.MostRounds) return Results();
            if (round % Between == 0 && Results() is var results && results.All(r => r.IsSettled(options.Margin, options.IsForSign))) return results;
        }
    }

    private double Once(int contestant)
    {
        double seconds = contestants[contestant]();
        _spent += seconds;
        return seconds;
    }

    private RaceResult[] Results() => [.. _times.Select(t => RaceResult.Of(t, _times[0]))];
}
