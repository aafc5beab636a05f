using FsCheck;
using FsCheck.Fluent;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Search;
using Haq.Engine.Search.Ddpg;

namespace Haq.Engine.Tests.Search.Ddpg;

public sealed class DdpgTests
{
    private static readonly SearchOptions s_small = new() { Episodes = 120, Ddpg = new DdpgOptions { Hidden1 = 32, Hidden2 = 32 } };

    [Theory]
    [InlineData(0.0, 2)]
    [InlineData(0.14, 2)]
    [InlineData(0.15, 3)]
    [InlineData(0.5, 5)]
    [InlineData(0.93, 8)]
    [InlineData(1.0, 8)]
    public void Actions_map_to_consecutive_widths_as_in_the_paper(double action, int bits) =>
        Assert.Equal(bits, ActionMap.ToBits(action, SearchSpaceBuilder.Widths(2, 8).AsSpan()).Bits);

    [Theory]
    [InlineData(0.0, 2)]
    [InlineData(0.34, 4)]
    [InlineData(0.66, 4)]
    [InlineData(0.67, 8)]
    [InlineData(1.0, 8)]
    public void Actions_pick_among_listed_widths_in_equal_parts(double action, int bits) =>
        Assert.Equal(bits, ActionMap.ToBits(action, [new Bitwidth(2), new Bitwidth(4), new Bitwidth(8)]).Bits);

    [Fact]
    public void Actions_and_widths_invert_each_other() =>
        Prop.ForAll(Gen.Choose(2, 8).ToArbitrary(), bits =>
            ActionMap.ToBits(ActionMap.ToAction(new Bitwidth(bits), SearchSpaceBuilder.Widths(2, 8).AsSpan()), SearchSpaceBuilder.Widths(2, 8).AsSpan()).Bits == bits)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void States_are_scaled_by_the_network_s_least_and_greatest()
    {
        QuantizableLayer[] layers =
        [
            new(0, "first", LayerShape.Conv2D(3, 32, 3, 2, 224, 112), 0),
            new(1, "depthwise", LayerShape.Conv2D(32, 32, 3, 1, 112, 112, groups: 32), 1),
            new(2, "classifier", LayerShape.Dense(32, 1000), 2),
        ];
        var states = new LayerState(layers, StateRanges.Of(layers));
        // Channels 3..32 in, 32..1000 out; kernel 1..3; stride 0..2; map 1..224²; weights 288..32000.
        Assert.Equal([0f, 0, 0, 1, 1, 1, (864f - 288) / (32000 - 288), 0, 1, 0.25f], states.At(0, weights: true, 0.25), s_close);
        Assert.Equal([0.5f, 1, 0, 1, 0.5f, (112f * 112 - 1) / (224 * 224 - 1), 0, 1, 0, 0.5f], states.At(1, weights: false, 0.5), s_close);
        Assert.Equal([1f, 1, 1, 0, 0, 0, 1, 0, 1, 1], states.At(2, weights: true, 1), s_close);
    }

    [Fact]
    public void Another_network_s_layers_are_scaled_by_the_ranges_that_an_agent_was_trained_with()
    {
        QuantizableLayer[] trained = [new(0, "a", LayerShape.Conv2D(8, 16, 3, 1, 14, 14), 0), new(1, "b", LayerShape.Conv2D(16, 64, 1, 1, 14, 14), 1)];
        QuantizableLayer[] other = [new(0, "c", LayerShape.Conv2D(12, 40, 3, 1, 14, 14), 0), new(1, "d", LayerShape.Conv2D(16, 64, 1, 1, 14, 14), 1),
            new(2, "e", LayerShape.Conv2D(64, 256, 1, 1, 14, 14), 2)];
        var states = new LayerState(other, StateRanges.Of(trained));
        // In channels 8..16, out 16..64: half-way, as trained, and beyond both ranges; depth is the network's own.
        Assert.Equal([0f, 0.5f, 0.5f], states.At(0, true, 0)[..3], s_close);
        Assert.Equal(new LayerState(trained, StateRanges.Of(trained)).At(1, true, 0)[1..], states.At(1, true, 0)[1..], s_close);
        Assert.Equal([1f, 1, 1], states.At(2, true, 0)[..3], s_close);
    }

    [Fact]
    public void The_sequential_projection_lowers_the_last_layer_first_and_activations_before_weights()
    {
        var network = new SyntheticNetwork(4, seed: 1);
        var eight = network.Space.Widest;
        var (costs, space) = (network.Costs, network.Space);
        // A hair below: one step is enough, and it is the activations of the last free layer.
        var hair = new Engine.Hardware.Budget(costs.Price(eight).LatencySeconds * (1 - 1e-9));
        Assert.Equal(eight.With(2, new LayerBits(8, 7)), SequentialProjection.Apply(space, costs, hair, eight));
        // Down to where both layers have given one activation and the last one a weight step.
        var expected = eight.With(2, new LayerBits(7, 7)).With(1, new LayerBits(8, 7));
        var three = new Engine.Hardware.Budget(costs.Price(expected).LatencySeconds);
        Assert.Equal(expected, SequentialProjection.Apply(space, costs, three, eight));
        Assert.Null(SequentialProjection.Apply(space, costs, new Engine.Hardware.Budget(0), eight));
    }

    [Fact]
    public void Groups_go_down_together_in_the_sequential_projection()
    {
        var network = new SyntheticNetwork(5, seed: 2, groups: [0, 1, 2, 1, 4]);
        foreach (double factor in (double[])[0.9, 0.7, 0.5, 0.3])
        {
            var policy = SequentialProjection.Apply(network.Space, network.Costs, network.LatencyOf(factor), network.Space.Widest);
            Assert.True(network.Space.Contains(policy!));
        }
    }

    [Fact]
    public void Rewards_are_centred_by_a_moving_average()
    {
        var reward = new Reward(scale: 0.1, average: 0.5);
        Assert.Equal(-0.35, reward.Of(88.5, 92), 1e-12);
        Transition[] batch = [new([], 0, 1, [], true), new([], 0, 3, [], true)];
        reward.Centre(batch);
        Assert.Equal([-1f, 1f], batch.Select(t => t.Reward));
        batch = [new([], 0, 4, [], true)];
        reward.Centre(batch);
        Assert.Equal(3.0, reward.Mean);
        Assert.Equal(1f, batch[0].Reward);
    }

    [Fact]
    public void Replay_forgets_the_oldest_and_draws_without_repetition()
    {
        var memory = new ReplayBuffer(8);
        for (int i = 0; i < 20; i++) memory.Add(new Transition([], i, 0, [], false));
        var batch = new Transition[8];
        memory.Sample(batch, new SeededRandom(1));
        Assert.Equal(Enumerable.Range(12, 8).Select(i => (float)i), batch.Select(t => t.Action).Order());
        Assert.Throws<InvalidOperationException>(() => memory.Sample(new Transition[9], new SeededRandom(1)));
    }

    [Fact]
    public void Noise_stays_in_range_and_decays_after_the_warm_up()
    {
        var noise = new ExplorationNoise(new DdpgOptions(), new SeededRandom(1));
        Assert.Equal(0.5, noise.Deviation(0));
        Assert.Equal(0.5 * Math.Pow(0.99, 100), noise.Deviation(100), 1e-12);
        double[] draws = [.. Enumerable.Range(0, 2000).Select(_ => noise.Around(0.9, noise.Deviation(0)))];
        Assert.All(draws, x => Assert.InRange(x, 0, 1));
        // The mean of a normal(0.9, 0.5) truncated to [0, 1]: 0.9 + 0.5·(φ(−1.8) − φ(0.2))/(Φ(0.2) − Φ(−1.8)).
        Assert.Equal(0.9 + 0.5 * (0.0789502 - 0.3910427) / (0.5792597 - 0.0359303), draws.Average(), 0.02);
    }

    [Fact]
    public void The_agent_finds_better_policies_than_random_ones_and_keeps_the_budget()
    {
        var network = new SyntheticNetwork(10, seed: 3);
        var problem = network.Problem(0.5);
        var result = new DdpgStrategy(s_small with { Episodes = 250 }).Search(problem, network, null, CancellationToken.None);
        Assert.True(problem.Budget.Admits(result.Cost) && problem.Space.Contains(result.Best) && result.Completed);
        // The same number of episodes that never leave the warm-up are random search with the same projection.
        var random = new DdpgStrategy(s_small with { Episodes = 250, Ddpg = s_small.Ddpg with { WarmUp = 250 } }).Search(problem, network, null, CancellationToken.None);
        Assert.True(result.Score.Loss < random.Score.Loss, $"agent {result.Score.Loss}, random {random.Score.Loss}");
    }

    [Fact]
    public void The_same_seed_gives_the_same_policies_and_another_seed_others()
    {
        var network = new SyntheticNetwork(6, seed: 4);
        Assert.Equal(Trail(1), Trail(1));
        Assert.NotEqual(Trail(1), Trail(2));

        string[] Trail(ulong seed)
        {
            var steps = new StepRecorder();
            new DdpgStrategy(s_small with { Episodes = 40 }).Search(network.Problem(0.6, seed), network, steps, CancellationToken.None);
            return [.. steps.Steps.Select(s => s.Policy.Digest)];
        }
    }

    [Fact]
    public void More_episodes_are_never_worse_and_progress_marks_each_best()
    {
        var network = new SyntheticNetwork(6, seed: 5);
        double before = double.PositiveInfinity;
        foreach (int episodes in (int[])[5, 20, 60])
        {
            var steps = new StepRecorder();
            var result = new DdpgStrategy(s_small with { Episodes = episodes }).Search(network.Problem(0.5), network, steps, CancellationToken.None);
            Assert.True(result.Score.Loss <= before);
            before = result.Score.Loss;
            Assert.Equal(episodes, steps.Steps.Count);
            Assert.Equal(result.Best, steps.Steps.Last(s => s.IsIncumbent).Policy);
        }
    }

    [Fact]
    public void An_agent_that_was_trained_on_one_network_starts_better_on_another_than_a_new_one()
    {
        string folder = Directory.CreateTempSubdirectory("haq-agent-").FullName;
        try
        {
            string file = Path.Combine(folder, "agent.haq");
            var options = s_small with { Ddpg = s_small.Ddpg with { Noise = 0.2 } };
            var first = new SyntheticNetwork(10, seed: 3);
            new DdpgStrategy(options with { Episodes = 250, SavedAgent = file }).Search(first.Problem(0.5), first, null, CancellationToken.None);
            double Start(ulong seed, string? agent)
            {
                // The same damages on a deeper network, so that there is something to carry over.
                var second = new SyntheticNetwork(14, seed);
                var steps = new StepRecorder();
                new DdpgStrategy(options with { Episodes = 1, TrainedAgent = agent }).Search(second.Problem(0.5), second, steps, CancellationToken.None);
                return steps.Steps[0].Score.Loss;
            }
            double[] carried = [.. Enumerable.Range(0, 12).Select(s => Start((ulong)s + 40, file))], anew = [.. Enumerable.Range(0, 12).Select(s => Start((ulong)s + 40, null))];
            Assert.True(carried.Average() < anew.Average(), $"carried over {carried.Average()}, new {anew.Average()}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_saved_agent_starts_where_it_stopped_and_damaged_files_are_refused()
    {
        string folder = Directory.CreateTempSubdirectory("haq-agent-").FullName;
        try
        {
            string file = Path.Combine(folder, "agent.haq");
            var options = s_small with { Episodes = 40, SavedAgent = file };
            var network = new SyntheticNetwork(6, seed: 10);
            new DdpgStrategy(options).Search(network.Problem(0.5), network, null, CancellationToken.None);
            var saved = new Agent(network.Problem(0.5, seed: 99), options.Ddpg);
            AgentFile.Load(file, saved, options.Ddpg);
            Assert.Equal(20 * 8, saved.Networks.Updates);
            Assert.True(saved.IsTrained);
            float[] state = new float[LayerState.Size];
            double action = saved.Networks.Act(state);
            string copy = Path.Combine(folder, "copy.haq");
            AgentFile.Save(copy, saved, options.Ddpg);
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(copy));

            // On another network: the same networks and the same normalizer.
            var larger = new SyntheticNetwork(9, seed: 30);
            var again = new Agent(larger.Problem(0.5, seed: 98), options.Ddpg);
            AgentFile.Load(copy, again, options.Ddpg);
            Assert.Equal(action, again.Networks.Act(state));
            Assert.Equal(saved.Normalizer.MeanReward, again.Normalizer.MeanReward);
            Assert.NotNull(again.Normalizer.MeanReward);
            Assert.Equal(saved.Normalizer.States.Greatest, again.Normalizer.States.Greatest);
            Assert.NotEqual(StateRanges.Of(larger.Layers).Greatest, again.Normalizer.States.Greatest);

            var other = new DdpgOptions { Hidden1 = 16, Hidden2 = 32 };
            Assert.Contains("32 and 32", Assert.Throws<HaqException>(() => AgentFile.Load(file, new Agent(network.Problem(0.5), other), other)).Message, StringComparison.Ordinal);
            byte[] bytes = File.ReadAllBytes(file);
            bytes[1000] ^= 1;
            File.WriteAllBytes(file, bytes);
            Assert.Contains("damaged", Assert.Throws<HaqException>(() => AgentFile.Load(file, again, options.Ddpg)).Message, StringComparison.Ordinal);
            File.WriteAllText(file, "nonsense");
            Assert.Contains("not a saved agent", Assert.Throws<HaqException>(() => AgentFile.Load(file, again, options.Ddpg)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static readonly IEqualityComparer<float> s_close = EqualityComparer<float>.Create((x, y) => Math.Abs(x - y) < 1e-6, _ => 0);
}
