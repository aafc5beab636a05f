using Haq.Engine.Layers;
using Haq.Engine.Numerics;

namespace Haq.Engine.Search.Ddpg;

/// <summary>Acts on a network layer by layer and learns from what came of it.</summary>
internal sealed class Agent
{
    // Of the noise: about one bit either way.
    private const double Nearness = 0.25;

    private readonly SearchSpace _space;
    private readonly DdpgOptions _options;
    private readonly IReadOnlyList<QuantizableLayer> _layers;
    private readonly (int Layer, bool Weights)[] _steps;
    private readonly ExplorationNoise[] _noise;
    private readonly SeededRandom _sampling;
    private readonly ReplayBuffer _memory;
    private readonly Reward _reward;
    private readonly Transition[] _batch;
    private LayerState _states;

    /// <summary>A new agent for a problem.</summary>
    public Agent(SearchProblem problem, DdpgOptions options)
    {
        (_space, _options, _layers) = (problem.Space, options, problem.Layers);
        _states = new LayerState(problem.Layers, StateRanges.Of(problem.Layers));
        _steps = [.. Decisions(problem.Space)];
        var random = problem.Random.Fork("ddpg");
        Networks = new ActorCritic(options, random);
        _noise = [.. Enumerable.Range(0, options.Population).Select(i => new ExplorationNoise(options, random.Fork(i == 0 ? "noise" : $"noise {i}")))];
        _sampling = random.Fork("replay");
        _memory = new ReplayBuffer(Math.Max(options.ReplayPerLayer * problem.Space.Layers, options.Batch));
        _reward = new Reward(options.RewardScale, options.RewardAverage);
        _batch = new Transition[options.Batch];
    }

    /// <summary>The actor and the critic.</summary>
    public ActorCritic Networks { get; }

    /// <summary>What scales states and rewards: saved with the networks, so that an agent sees another network's layers as it saw those that it was trained on.</summary>
    public (StateRanges States, double? MeanReward) Normalizer
    {
        get => (_states.Ranges, _reward.Mean);
        set => (_states, _reward.Mean) = (new LayerState(_layers, value.States), value.MeanReward);
    }

    /// <summary>It learned before this search.</summary>
    public bool IsTrained { get; set; }

    /// <summary>Episodes before it learns. An agent that learned before knows better than chance.</summary>
    public int WarmUp => IsTrained ? 0 : _options.WarmUp;

    /// <summary>
    /// Walks over the layers; returns what was seen and done, without rewards, and the policy that this asks for. Actions are random during the warm-up, with noise after it; what a trained agent
    /// does first is its own judgement alone.
    /// </summary>
    public List<(float[] State, float Action)> Act(int episode, out Policy policy) => Walk(
        (state, _, _) => episode < WarmUp ? Noise(episode).Uniform() : IsTrained && episode == 0 ? Networks.Act(state)
            : Noise(episode).Around(Networks.Act(state), Noise(episode).Deviation(episode - WarmUp)), out policy);

    /// <summary>The same with a fraction of the noise, and around what a given policy does during the warm-up.</summary>
    public List<(float[] State, float Action)> ActNear(Policy centre, int episode, out Policy policy) => Walk((state, layer, weights) =>
    {
        double action = episode < WarmUp ? ActionOf(centre, layer, weights) : Networks.Act(state);
        return Noise(episode).Around(action, Nearness * Noise(episode).Deviation(Math.Max(0, episode - WarmUp)));
    }, out policy);

    /// <summary>Remembers a policy that was measured by others as if it had been an episode; learns nothing yet.</summary>
    public void Remember(Policy measured, double quantized) =>
        Keep(Walk((_, layer, weights) => ActionOf(measured, layer, weights), out _), quantized, 0);

    // A stream of its own for each proposal of a population.
    private ExplorationNoise Noise(int episode) => _noise[episode % _noise.Length];

    private double ActionOf(Policy policy, int layer, bool weights) =>
        weights ? ActionMap.ToAction(policy[layer].Weights, Weights(_space, layer)) : ActionMap.ToAction(policy[layer].Activations, _space.ActivationsOf(layer));

    private List<(float[] State, float Action)> Walk(Func<float[], int, bool, double> decide, out Policy policy)
    {
        var bits = _space.Widest.Bits.ToArray();
        var taken = new List<(float[] State, float Action)>(_steps.Length);
        double previous = 0;
        foreach (var (layer, weights) in _steps)
        {
            float[] state = _states.At(layer, weights, previous);
            double action = decide(state, layer, weights);
            if (weights)
            {
                bits[layer] = bits[layer] with { Weights = ActionMap.ToBits(action, Weights(_space, layer)) };
            }
            else
            {
                var activations = ActionMap.ToBits(action, _space.ActivationsOf(layer));
                foreach (int member in _space.GroupOf(layer)) bits[member] = bits[member] with { Activations = activations };
            }
            taken.Add((state, (float)action));
            previous = action;
        }
        policy = Legal(bits);
        return taken;
    }

    /// <summary>Remembers the episode's steps, each with the final reward, and learns once per step after the warm-up.</summary>
    public void Learn(List<(float[] State, float Action)> taken, double quantized, double original, int episode)
    {
        Keep(taken, quantized, original);
        if (episode < WarmUp || _memory.Count < _options.Batch) return;
        using var hands = new TwoHands();
        for (int i = 0; i < taken.Count; i++)
        {
            _memory.Sample(_batch, _sampling);
            _reward.Centre(_batch);
            Networks.Learn(_batch, hands);
        }
    }

    private void Keep(List<(float[] State, float Action)> taken, double quantized, double original)
    {
        float reward = (float)_reward.Of(quantized, original);
        for (int i = 0; i < taken.Count; i++)
        {
            bool last = i + 1 == taken.Count;
            _memory.Add(new Transition(taken[i].State, taken[i].Action, reward, last ? taken[i].State : taken[i + 1].State, last));
        }
    }

    // Layers in order, weights before activations; a step with one choice decides nothing and is left out, and a group's activations are decided at its first layer.
    private static IEnumerable<(int Layer, bool Weights)> Decisions(SearchSpace space)
    {
        for (int layer = 0; layer < space.Layers; layer++)
        {
            if (Weights(space, layer).Length > 1) yield return (layer, true);
            if (space.ActivationsOf(layer).Length > 1 && space.GroupOf(layer)[0] == layer) yield return (layer, false);
        }
    }

    private static Bitwidth[] Weights(SearchSpace space, int layer) => [.. space.ChoicesOf(layer).ToArray().Select(c => c.Weights).Distinct()];

    // Where the hardware computes only some pairs, the weights move to the next width that goes with the activations.
    private Policy Legal(LayerBits[] bits)
    {
        for (int i = 0; i < bits.Length; i++)
        {
            if (_space.ChoicesOf(i).Contains(bits[i])) continue;
            var widths = _space.WeightsOf(i, bits[i].Activations);
            int wanted = bits[i].Weights;
            bits[i] = bits[i] with { Weights = widths.MinBy(w => (Math.Abs(w.Bits - wanted), -w.Bits)) };
        }
        return new Policy([.. bits]);
    }
}
