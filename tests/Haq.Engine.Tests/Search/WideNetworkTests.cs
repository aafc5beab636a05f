using Haq.Engine.Numerics;
using Haq.Engine.Search;

namespace Haq.Engine.Tests.Search;

/// <summary>Networks of hundreds of small layers: the steps are bounded by the plan, and the time left is that of the steps left.</summary>
public sealed class WideNetworkTests
{
    private const int Layers = 80, Evaluations = 120;

    [Fact]
    public void The_search_ends_near_its_plan_and_still_improves_on_the_knapsack()
    {
        var network = new SyntheticNetwork(Layers, seed: 21, interaction: 4);
        var problem = network.Problem(0.7);
        var steps = new StepRecorder();
        var result = Strategies.Create("auto", new SearchOptions { Evaluations = Evaluations }).Search(problem, network, steps, CancellationToken.None);
        int planned = steps.Steps[^1].Total!.Value;
        // Solutions of the round that is under way are still measured.
        Assert.InRange(steps.Steps.Count, 1, planned + 8);
        Assert.Contains(steps.Steps, s => s.Phase == "re-probing" && s.IsProbe);
        double knapsack = steps.Steps.Where(s => s.Phase == "knapsack" && !s.Score.StoppedEarly).Min(s => s.Score.Loss);
        Assert.True(result.Score.Loss < 0.98 * knapsack, $"{result.Score.Loss} of {knapsack}");
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    public void What_is_said_to_be_left_is_near_what_is_left_when_steps_vary_by_half(ulong seed)
    {
        const int probes = 200, candidates = 80;
        var random = new SeededRandom(seed);
        var steps = Enumerable.Range(0, probes + candidates).Select(i => TimeSpan.FromSeconds((i < probes ? 0.2 : 1) * Math.Exp(0.5 * random.NextNormal() - 0.125))).ToArray();
        // A pause of the machine, which foretells nothing.
        steps[60] = TimeSpan.FromSeconds(30);
        var (left, now) = (new TimeLeft(), TimeSpan.Zero);
        for (int i = 0; i < steps.Length - 1; i++)
        {
            left.Add(i < probes, now += steps[i]);
            // Before the first candidates, these count as probes: they are known to be slower only then.
            if (i < probes + 10 || i > probes + candidates - 10) continue;
            double remaining = steps.Skip(i + 1).Sum(s => s.TotalSeconds);
            Assert.InRange(left.Estimate(probes, steps.Length - 1 - i)!.Value.TotalSeconds, 0.5 * remaining, 1.6 * remaining);
        }
    }

    [Fact]
    public void The_time_left_is_the_median_of_the_last_steps_of_each_kind()
    {
        var left = new TimeLeft();
        var now = TimeSpan.FromSeconds(30);
        left.Add(isProbe: false, now);
        Assert.Null(left.Estimate(140, 150));
        for (int i = 0; i < 40; i++) left.Add(isProbe: true, now += TimeSpan.FromSeconds(i == 35 ? 60 : 0.1));
        Assert.Equal(40, left.Probes);
        Assert.Equal(100 * 0.1 + 10 * 0.1, left.Estimate(140, 110)!.Value.TotalSeconds, 0.001);
        for (int i = 0; i < 5; i++) left.Add(isProbe: false, now += TimeSpan.FromSeconds(2));
        Assert.Equal(100 * 0.1 + 10 * 2, left.Estimate(140, 110)!.Value.TotalSeconds, 0.001);
        // 18 probes more than were planned and six candidates: of the last 24 steps 19 were probes.
        Assert.Equal(100 * (19 * 0.1 + 5 * 2) / 24, left.Estimate(22, 100)!.Value.TotalSeconds, 0.001);
        Assert.Equal(TimeSpan.Zero, left.Estimate(40, 0));

        // Candidates of a local search are mostly given up early: those measured before it foretell ten times too much.
        left.BeginPhase();
        Assert.Equal(100 * 0.1, left.Estimate(22, 100)!.Value.TotalSeconds, 0.001);
        for (int i = 0; i < 5; i++) left.Add(isProbe: false, now += TimeSpan.FromSeconds(0.3));
        Assert.Equal(100 * (19 * 0.1 + 10 * 0.3) / 29, left.Estimate(22, 100)!.Value.TotalSeconds, 0.001);
    }
}
