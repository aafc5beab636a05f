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

    [Fact]
    public void The_time_left_is_the_median_of_the_last_steps_of_each_kind()
    {
        var left = new TimeLeft();
        var now = TimeSpan.FromSeconds(30);
        left.Add(isProbe: false, now);
        Assert.Null(left.Estimate(100, 10));
        for (int i = 0; i < 40; i++) left.Add(isProbe: true, now += TimeSpan.FromSeconds(i == 35 ? 60 : 0.1));
        Assert.Equal(40, left.Probes);
        Assert.Equal(100 * 0.1 + 10 * 0.1, left.Estimate(100, 10)!.Value.TotalSeconds, 0.001);
        for (int i = 0; i < 5; i++) left.Add(isProbe: false, now += TimeSpan.FromSeconds(2));
        Assert.Equal(100 * 0.1 + 10 * 2, left.Estimate(100, 10)!.Value.TotalSeconds, 0.001);
        Assert.Equal(TimeSpan.Zero, left.Estimate(0, 0));
    }
}
