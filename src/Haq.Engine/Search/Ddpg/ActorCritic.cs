using Haq.Engine.Numerics;

namespace Haq.Engine.Search.Ddpg;

/// <summary>
/// Deep deterministic policy gradient (Lillicrap et al., 2016): an actor that maps a state to an action in [0, 1], a critic that values both, and a slowly following
/// copy of each. HAQ's critic adds the projections of state and action before the first ReLU, which is one layer on both together.
/// </summary>
internal sealed class ActorCritic
{
    private const int Panel = MatrixProduct.ColumnStep;

    private readonly DdpgOptions _options;
    private readonly DenseNetwork _actor, _critic, _actorTarget, _criticTarget;
    private readonly float[] _states, _pairs, _next, _transposed, _wanted, _slope, _differences;
    private readonly bool[] _isLast;
    private readonly int _width;
    private readonly Action<int> _value, _learnCritic, _choose, _learnActor;
    private int _updates, _count;
    private AdamStep _criticStep, _actorStep;

    /// <summary>New networks.</summary>
    public ActorCritic(DdpgOptions options, SeededRandom random)
    {
        _options = options;
        _actor = new DenseNetwork(LayerState.Size, options.Hidden1, options.Hidden2, options.LastLayerInit, options.Batch, random.Fork("actor"));
        _critic = new DenseNetwork(LayerState.Size + 1, options.Hidden1, options.Hidden2, options.LastLayerInit, options.Batch, random.Fork("critic"));
        (_actorTarget, _criticTarget) = (_actor.Target(), _critic.Target());
        int batch = _actor.Batch;
        _width = MatrixProduct.PaddedColumns(LayerState.Size + 1);
        _states = new float[LayerState.Size * batch];
        (_pairs, _next) = (new float[(LayerState.Size + 1) * batch], new float[(LayerState.Size + 1) * batch]);
        (_transposed, _slope, _wanted, _differences, _isLast) = (new float[_width * batch], new float[batch], new float[batch], new float[batch], new bool[batch]);
        (_value, _learnCritic, _choose, _learnActor) = (Value, LearnCritic, Choose, LearnActor);
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
    public double Act(ReadOnlySpan<float> state) => Sigmoid(_actor.ForwardOne(state));

    /// <summary>
    /// One update of both networks and their targets from a batch of transitions, rewards already centred, in halves for <paramref name="hands"/>. Returns the critic's mean squared error.
    /// </summary>
    public double Learn(ReadOnlySpan<Transition> batch, TwoHands hands)
    {
        _updates++;
        (_count, _criticStep, _actorStep) = (batch.Length, new(_options.CriticRate, _updates, _options.SoftUpdate), new(_options.ActorRate, _updates, _options.SoftUpdate));
        Lay(batch);
        hands.Run(_value);
        double error = 0;
        for (int b = 0; b < batch.Length; b++) error += (double)_differences[b] * _differences[b] / batch.Length;
        hands.Run(_learnCritic);
        hands.Run(_choose);
        hands.Run(_learnActor);
        return error;
    }

    private void Lay(ReadOnlySpan<Transition> batch)
    {
        for (int b = 0; b < batch.Length; b++)
        {
            ref readonly var transition = ref batch[b];
            for (int f = 0; f < LayerState.Size; f++)
            {
                _states[At(b, f, LayerState.Size)] = _pairs[At(b, f, LayerState.Size + 1)] = _transposed[b * _width + f] = transition.State[f];
                _next[At(b, f, LayerState.Size + 1)] = transition.Next[f];
            }
            _pairs[At(b, LayerState.Size, LayerState.Size + 1)] = _transposed[b * _width + LayerState.Size] = transition.Action;
            (_wanted[b], _isLast[b]) = (transition.Reward, transition.IsLast);
        }
    }

    private void Value(int half)
    {
        for (int panel = half; panel < _actor.Panels; panel += 2) ValuePanel(panel);
    }

    private void Choose(int half)
    {
        for (int panel = half; panel < _actor.Panels; panel += 2) ChoosePanel(panel);
    }

    // The value of the next state under the targets, nothing coming after the last step; how far the critic is from it, and the way back. The actor's part waits for the critic's step.
    private void ValuePanel(int panel)
    {
        int end = Math.Min(_count, (panel + 1) * Panel), start = panel * Panel;
        var next = Of(_next, panel);
        var action = _actorTarget.Forward(next, panel);
        for (int b = start; b < end; b++) _next[At(b, LayerState.Size, LayerState.Size + 1)] = (float)Sigmoid(action[b - start]);
        var nextValue = _criticTarget.Forward(next, panel);
        var value = _critic.Forward(Of(_pairs, panel), panel);
        for (int b = start; b < end; b++)
        {
            float wanted = _wanted[b] + (_isLast[b] ? 0 : (float)_options.Discount * nextValue[b - start]);
            _differences[b] = value[b - start] - wanted;
            _slope[b] = 2 * _differences[b] / _count;
        }
        _critic.Backward(_slope.AsSpan(start, Panel), panel);
        _actor.Forward(Of(_states, panel), panel);
    }

    private void LearnCritic(int half)
    {
        for (int share = half; share < _critic.Shares; share += 2) _critic.Learn(share, _slope, _transposed, _criticTarget, _criticStep);
    }

    // The actor climbs the critic's value of its own actions.
    private void ChoosePanel(int panel)
    {
        int end = Math.Min(_count, (panel + 1) * Panel), start = panel * Panel;
        var slope = _slope.AsSpan(start, Panel);
        for (int b = start; b < end; b++)
        {
            _pairs[At(b, LayerState.Size, LayerState.Size + 1)] = (float)Sigmoid(_actor.Output[b]);
            _slope[b] = -1f / _count;
        }
        _critic.Forward(Of(_pairs, panel), panel);
        _critic.BackwardToInput(LayerState.Size, slope, slope, panel);
        for (int b = start; b < end; b++)
        {
            float chosen = _pairs[At(b, LayerState.Size, LayerState.Size + 1)];
            _slope[b] *= chosen * (1 - chosen);
        }
        _actor.Backward(slope, panel);
    }

    private void LearnActor(int half)
    {
        for (int share = half; share < _actor.Shares; share += 2) _actor.Learn(share, _slope, _transposed, _actorTarget, _actorStep);
    }

    private Span<float> Of(float[] panels, int panel) => panels.AsSpan(panel * (panels.Length / _actor.Panels), panels.Length / _actor.Panels);

    // Where a sample's feature lies in panels of so many features.
    private static int At(int sample, int feature, int features) => (sample / Panel * features + feature) * Panel + sample % Panel;

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
