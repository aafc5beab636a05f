using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Search;

namespace Haq.Engine.Tests.Search.Knapsack;

/// <summary>Scores are measured as far as answers depend on them.</summary>
public sealed class DecisiveScoresTests
{
    [Fact]
    public void Half_of_the_probes_lead_to_the_answer_of_all_of_them()
    {
        int few = 0, all = 0;
        foreach (ulong seed in (ulong[])[21, 22, 23, 24, 25])
        {
            foreach (double factor in (double[])[0.6, 0.75, 0.9])
            {
                var network = new SyntheticNetwork(10, seed);
                var problem = network.Problem(factor);
                var steps = new StepRecorder();
                var found = Strategies.Create("knapsack", new SearchOptions()).Search(problem, network, steps, CancellationToken.None);
                var table = new ProbeScorer(network).Score(network.Space.Choices, network.Space.Groups, CancellationToken.None);
                var best = new Engine.Search.Knapsack.PolicyKnapsack(problem.Space, problem.Costs, problem.Budget, table.Of).Solve()!;
                Assert.InRange(table.Predict(found.Best), best.Damage, best.Damage * 1.05);
                few += steps.Steps.Count(s => s.IsProbe);
                all += ProbeScorer.Measurements(network.Space.Choices, network.Space.Groups);
            }
        }
        Assert.True(few < 0.6 * all, $"{few} of {all}");
    }

    [Fact]
    public void Scores_that_are_known_already_lead_to_the_same_answer_as_measuring_them()
    {
        var network = new SyntheticNetwork(8, seed: 26, groups: [0, 1, 2, 3, 3, 5, 6, 7]);
        var problem = network.Problem(0.7);
        var known = new ProbeScorer(network).Score(network.Space.Choices, network.Space.Groups, CancellationToken.None);
        foreach (string name in (string[])["knapsack", "auto"])
        {
            var measured = Strategies.Create(name, new SearchOptions()).Search(problem, network, null, CancellationToken.None);
            var read = Strategies.Create(name, new SearchOptions()).Search(problem with { Sensitivity = known }, network, null, CancellationToken.None);
            Assert.Equal((measured.Best, measured.Score, measured.PredictedLoss), (read.Best, read.Score, read.PredictedLoss));
            Assert.True(measured.Scores!.Estimated > 0);
        }
    }

    [Fact]
    public void Scores_of_another_kind_are_taken_whole()
    {
        var network = new SyntheticNetwork(6, seed: 27);
        var known = new ProbeScorer(network).Score(network.Space.Choices, network.Space.Groups, CancellationToken.None);
        double[] weights = [.. Enumerable.Range(0, 6).SelectMany(l => known.WeightsOf(l).ToArray())];
        double[] activations = [.. Enumerable.Range(0, 6).SelectMany(l => known.ActivationsOf(l).ToArray())];
        var (fisher, problem) = (new SensitivityTable(weights, activations) { Method = "fisher" }, network.Problem(0.7));
        var found = Strategies.Create("knapsack", new SearchOptions()).Search(problem with { Sensitivity = fisher }, network, null, CancellationToken.None);
        Assert.Same(fisher, found.Scores);
    }
}
