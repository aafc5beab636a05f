using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;
using Haq.Engine.Search;

namespace Haq.Engine.Tests.Search.Ddpg;

/// <summary>Several proposals before any of them is learnt from.</summary>
public sealed class PopulationTests
{
    private const int Episodes = 120, WarmUp = 20;

    [Fact]
    public void Proposals_are_announced_by_generations_and_the_warm_up_at_once()
    {
        var listener = new Listener(Network());
        var steps = Run(population: 8, listener);
        // What is left is announced before each measurement; the first time it is the whole generation.
        int[] generations = [.. listener.Announced.Where((a, i) => i == 0 || a > listener.Announced[i - 1])];
        Assert.Equal(WarmUp, generations[0]);
        Assert.All(generations[1..], g => Assert.InRange(g, 1, 8));
        Assert.Contains(8, generations);
        Assert.Equal(Episodes, steps.Count);
        // Whoever announces nothing takes the same steps.
        Assert.Equal(steps, Run(population: 8, Network()));
    }

    [Fact]
    public void A_population_is_another_search_that_begins_alike_and_learns()
    {
        var (one, eight) = (Run(population: 1, Network()), Run(population: 8, Network()));
        Assert.NotEqual(one, eight);
        // The first of every generation draws from the stream of a search without a population, which was used less.
        Assert.Equal(one[0], eight[0]);
        Assert.NotEqual(one[1], eight[1]);
        Assert.True(eight.TakeLast(2 * WarmUp).Average(Network().Damage) < eight.Take(WarmUp).Average(Network().Damage), "nothing was learnt");
    }

    [Fact]
    public void A_last_generation_is_as_large_as_what_is_left()
    {
        var listener = new Listener(Network());
        Assert.Equal(30, Run(population: 7, listener, episodes: 30).Count);
        Assert.Equal([20, 7, 3], listener.Announced.Where((a, i) => i == 0 || a > listener.Announced[i - 1]));
    }

    private static SyntheticNetwork Network() => new(8, seed: 41);

    private static List<Policy> Run(int population, IPolicyEvaluator evaluator, int episodes = Episodes)
    {
        var steps = new StepRecorder();
        var options = new SearchOptions { Episodes = episodes, Ddpg = new DdpgOptions { Hidden1 = 32, Hidden2 = 32, WarmUp = WarmUp, Population = population } };
        Strategies.Create("ddpg", options).Search(Network().Problem(0.6), evaluator, steps, CancellationToken.None);
        return [.. steps.Steps.Select(s => s.Policy)];
    }

    private sealed class Listener(SyntheticNetwork network) : IForesightedEvaluator
    {
        public List<int> Announced { get; } = [];

        public PolicyScore Float => network.Float;

        public bool HasForesight => true;

        public PolicyScore Evaluate(Policy policy, CancellationToken cancellation) => network.Evaluate(policy, cancellation);

        public PolicyScore Evaluate(Policy policy, Policy rival, CancellationToken cancellation) => network.Evaluate(policy, cancellation);

        public void Announce(IReadOnlyList<EvaluationRequest> requests) => Announced.Add(requests.Count);
    }
}
