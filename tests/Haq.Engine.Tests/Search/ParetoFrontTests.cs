using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;
using Haq.Engine.Search;

namespace Haq.Engine.Tests.Search;

public sealed class ParetoFrontTests
{
    [Theory]
    [InlineData(SearchObjective.Accuracy)]
    [InlineData(SearchObjective.Energy)]
    [InlineData(SearchObjective.Size)]
    public void Points_rise_in_cost_and_fall_in_loss_and_no_uniform_policy_beats_one(SearchObjective objective)
    {
        var network = new SyntheticNetwork(12, seed: 31);
        var problem = network.Problem(1) with { Objective = objective };
        var points = new ParetoFront(problem).Measure(network, Scores(network), 10, () => false, CancellationToken.None);
        var cost = objective == SearchObjective.Accuracy ? SearchObjective.Latency : objective;
        var curve = points.Where(p => !p.IsUniform).ToArray();
        Assert.InRange(curve.Length, 6, 14);
        for (int i = 1; i < curve.Length; i++)
        {
            Assert.True(SearchGoal.CostOf(cost, curve[i].Cost) > SearchGoal.CostOf(cost, curve[i - 1].Cost));
            Assert.True(curve[i].Score.Loss < curve[i - 1].Score.Loss);
        }
        Assert.Contains(points, p => p.IsUniform && p.Policy.Equals(network.Space.Uniform(new LayerBits(5, 5))));
        foreach (var point in curve)
        {
            Assert.Equal(network.Damage(point.Policy), point.Score.Loss);
            foreach (var uniform in points.Where(p => p.IsUniform))
                Assert.False(SearchGoal.CostOf(cost, uniform.Cost) <= SearchGoal.CostOf(cost, point.Cost) && uniform.Score.Loss < point.Score.Loss);
        }
    }

    [Theory]
    [InlineData(1, 10, 64, 600)]
    [InlineData(5_000_000, 20, 50, 600)]
    [InlineData(4_000_000_000, 100, 32, 120)]
    [InlineData(1, 300, 64, 357)]
    [InlineData(1, 5000, 64, 120)]
    public void Networks_that_are_large_or_of_many_layers_are_probed_on_fewer_samples_and_less_often(long macs, int layers, int samples, int evaluations) =>
        Assert.Equal(new SearchEffort(samples, evaluations), SearchEffort.For(macs, layers));

    [Fact]
    public void Networks_of_gigabytes_are_measured_a_few_times() => Assert.Equal(new SearchEffort(64, 24), SearchEffort.For(1000, 10, huge: true));

    private static SensitivityTable Scores(SyntheticNetwork network) =>
        new ProbeScorer(network).Score([.. Enumerable.Range(0, network.Space.Layers).Select(i => network.Space.ChoicesOf(i).ToArray())], network.Space.Groups, CancellationToken.None);
}
