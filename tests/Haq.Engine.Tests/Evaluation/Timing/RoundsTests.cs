using Haq.Engine.Evaluation.Timing;
using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Evaluation.Timing;

/// <summary>Races whose runs take what the test says: how long they go on, and what comes of them, does not depend on the machine.</summary>
public sealed class RoundsTests
{
    private const double Run = 10e-3;

    private int _runs;
    private double _seconds;

    [Fact]
    public void On_a_quiet_machine_few_rounds_decide()
    {
        var result = Race(new RaceOptions { LeastRounds = 10 }, () => Run, () => 0.8 * Run)[1];
        Assert.Equal((0.8, 0.8, 0.8), (Math.Round(result.Ratio, 9), Math.Round(result.Low, 9), Math.Round(result.High, 9)));
        Assert.Equal(10, result.Rounds);
    }

    [Fact]
    public void On_a_noisy_one_it_ends_in_time_and_the_interval_holds_one()
    {
        var random = new SeededRandom(3);
        double Disturbed(double seconds) => seconds * (0.5 + 2 * random.NextDouble());
        var options = new RaceOptions { LeastRounds = 10, Patience = TimeSpan.FromSeconds(2), IsForSign = true };
        var result = Race(options, () => Disturbed(Run), () => Disturbed(0.99 * Run))[1];
        Assert.True(result.Low < 1 && result.High > 1 && !result.IsSettled(options.Margin, forSign: true), result.ToString());
        // Not longer than one round above what it may take.
        Assert.InRange(_seconds, 2, 2 + 6 * 2.5 * Run);
    }

    [Fact]
    public void What_disturbs_every_other_run_does_not_count()
    {
        var result = Race(new RaceOptions { LeastRounds = 10 }, () => _runs % 2 == 0 ? 5 * Run : Run, () => _runs % 2 == 0 ? 0.9 * Run : 4 * Run)[1];
        Assert.Equal(0.9, result.Ratio, 9);
    }

    [Fact]
    public void Neither_is_always_the_first_of_a_round()
    {
        var first = new List<int>();
        double Note(int contestant)
        {
            first.Add(contestant);
            return Run;
        }
        Race(new RaceOptions { LeastRounds = 4, MostRounds = 4 }, () => Note(0), () => Note(1));
        Assert.Equal([1, 0, 1, 0], first.Skip(6).Chunk(6).Select(round => round[0]));
    }

    private RaceResult[] Race(RaceOptions options, params Func<double>[] contestants) => new Rounds([.. contestants.Select<Func<double>, Func<double>>(run => () =>
    {
        _runs++;
        double seconds = run();
        _seconds += seconds;
        return seconds;
    })], options).Run(CancellationToken.None);
}
