using Haq.Engine.Numerics;

namespace Haq.Engine.Search.Ddpg;

/// <summary>
/// Deep deterministic policy gradient (Lillicrap et al., 2016): an actor that maps a state to an action in [0, 1], a critic that values both, and a slowly following
/// copy of each. HAQ's critic adds the projections of state and action before the first ReLU, which is one layer on both together.
/// </summary>
internal sealed class ActorCritic
{
    private readonly DdpgOptions _options;
    private readonly DenseNetwork _actor, _critic, _actorTarget, _criticTarget;
    private readonly float[] _states, _pairs, _nextPairs, _transposed, _gradient, _single;
    private readonly int _width;
    private int _updates;

    /// <summary>New networks.</summary>
    public ActorCritic(DdpgOptions options, SeededRandom random)
    {
        _options = options;
        _actor = new DenseNetwork(LayerState.Size, options.Hidden1, options.Hidden2, options.LastLayerInit, options.Batch, random.Fork("actor"));
        _critic = new DenseNetwork(LayerState.Size + 1, options.Hidden1, options.Hidden2, options.LastLayerInit, options.Batch, random.Fork("critic"));
        (_actorTarget, _criticTarget) = (_actor.Target(), _critic.Target());
        int batch = _actor.Batch;
        _width = MatrixProduct.PaddedColumns(LayerState.Size + 1);
        (_states, _single) = (new float[LayerState.Size * batch], new float[LayerState.Size * batch]);
        (_pairs, _nextPairs) = (new float[(LayerState.Size + 1) * batch], new float[(LayerState.Size + 1) * batch]);
        (_transposed, _gradient) = (new float[_width * batch], new float[batch]);
    }

    /// <summary>The four networks by name, for saving and loading.</summary>
    public IReadOnlyList<(string Name, DenseNetwork Network)> Networks => [("actor", _actor), ("critic", _critic), ("actor-target", _actorTarget), ("critic-target", _criticTarget)];

    /// <summary>Number of updates so far: Adam's step.</summary>
    public int Updates
    {
        get => _updates;
        set => _updates = value;
    }

    /// <summary>The actor's action for one state.</summary>
    public double Act(ReadOnlySpan<float> state)
    {
        for (int f = 0; f < LayerState.Size; f++) _single[f * _actor.Batch] = state[f];
        return Sigmoid(_actor.Forward(_single)[0]);
    }

    /// <summary>One update of both networks and their targets from a batch of transitions, rewards already centred. Returns the critic's mean squared error.</summary>
    public double Learn(ReadOnlySpan<Transition> batch)
    {
        _updates++;
        int count = batch.Length, columns = _actor.Batch;
        for (int b = 0; b < count; b++)
        {
            for (int f = 0; f < LayerState.Size; f++)
            {
                _states[f * columns + b] = _pairs[f * columns + b] = batch[b].State[f];
                _nextPairs[f * columns + b] = batch[b].Next[f];
                _transposed[b * _width + f] = batch[b].State[f];
            }
            _pairs[LayerState.Size * columns + b] = _transposed[b * _width + LayerState.Size] = batch[b].Action;
        }

        // The value of the next state under the targets; nothing comes after the last step.
        var next = _actorTarget.Forward(_nextPairs);
        for (int b = 0; b < count; b++) _nextPairs[LayerState.Size * columns + b] = (float)Sigmoid(next[b]);
        var nextValue = _criticTarget.Forward(_nextPairs);
        var value = _critic.Forward(_pairs);
        double error = 0;
        for (int b = 0; b < count; b++)
        {
            float wanted = batch[b].Reward + (batch[b].IsLast ? 0 : (float)_options.Discount * nextValue[b]);
            float difference = value[b] - wanted;
            error += (double)difference * difference / count;
            _gradient[b] = 2 * difference / count;
        }
        _critic.Backward(_gradient, _transposed);
        _critic.Update(_criticTarget, _options.CriticRate, _updates, _options.SoftUpdate);

        // The actor climbs the critic's value of its own actions.
        var actions = _actor.Forward(_states);
        var chosen = _pairs.AsSpan(LayerState.Size * columns, columns);
        for (int b = 0; b < count; b++)
        {
            chosen[b] = (float)Sigmoid(actions[b]);
            _gradient[b] = -1f / count;
        }
        _critic.Forward(_pairs);
        _critic.BackwardToInput(LayerState.Size, _gradient, _gradient);
        for (int b = 0; b < count; b++) _gradient[b] *= chosen[b] * (1 - chosen[b]);
        _actor.Backward(_gradient, _transposed);
        _actor.Update(_actorTarget, _options.ActorRate, _updates, _options.SoftUpdate);
        return error;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
