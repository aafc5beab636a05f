using Haq.Benchmarks.Steps;
using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Haq.Engine.Search.Ddpg;
using Haq.Engine.Training;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Benchmarks;

/// <summary>The agent's update as one ONNX graph of standard operators: what <see cref="AgentUpdate"/> is measured against.</summary>
internal sealed class AgentGraph : ITrainingStep
{
    private const int Batch = AgentUpdate.Batch;
    private readonly GraphBuilder _g = new(21);
    private readonly List<TrainedParameter> _parameters = [];
    private readonly SeededRandom _random = new(1);
    private readonly Dictionary<string, OrtTensor> _buffers = [];
    private readonly OrtSession _session;
    private readonly OrtBinding _binding;

    public AgentGraph(int threads)
    {
        var (state, next) = (_g.Input("state", DataType.Float, Batch, LayerState.Size), _g.Input("next", DataType.Float, Batch, LayerState.Size));
        var (action, reward) = (_g.Input("action", DataType.Float, Batch, 1), _g.Input("reward", DataType.Float, Batch, 1));
        var (actor, critic) = (Network("actor", LayerState.Size), Network("critic", LayerState.Size + 1));
        var (actorTarget, criticTarget) = (Network("actor-target", LayerState.Size), Network("critic-target", LayerState.Size + 1));
        var wanted = reward + Forward(criticTarget, _g.Concat([next, _g.Unary("Sigmoid", Forward(actorTarget, next))], 1));
        var value = Forward(critic, _g.Concat([state, action], 1));
        var gained = Forward(critic, _g.Concat([state, _g.Unary("Sigmoid", Forward(actor, state))], 1));
        var critics = Backward.Append(_g, [(value, (value - wanted) * (2f / Batch))], critic);
        var actors = Backward.Append(_g, [(gained, _g.Tensor([.. Enumerable.Repeat(-1f / Batch, Batch)], Batch, 1))], actor);
        var trained = _parameters.Where(p => !p.Name.Contains("target", StringComparison.Ordinal)).ToArray();
        OptimizerNodes.Append(_g, OptimizerKind.Adam, KernelSet.Standard, trained,
            [.. trained.Select(p => (p.Name.StartsWith("actor", StringComparison.Ordinal) ? actors : critics).Of(_g[p.Name])!)]);
        foreach (var (target, followed) in actorTarget.Concat(criticTarget).Zip(actor.Concat(critic)))
            _g.Output(target * 0.99f + _g[OptimizerNodes.Next(followed.Name)] * 0.01f, OptimizerNodes.Next(target.Name));
        _session = new OrtSession(new OnnxModel(_g.ToModel(), "agent"), new SessionSettings { Threads = threads, Spinning = true });
        _binding = _session.Bind();
        foreach (var input in _g.Inputs) _binding.Input(input.Name, Buffer(input));
        // What is new is written beside what is read: two sets of buffers would change places in a real training, at no cost.
        foreach (var output in _g.Outputs) _binding.Output(output.Name, Buffer(output));
        foreach (var p in _parameters) p.Initial.CopyTo(_buffers[p.Name].Values<float>());
        foreach (string name in new[] { "state", "next", "action", "reward" })
            foreach (ref float v in _buffers[name].Values<float>()) v = (float)_random.NextDouble();
        new[] { 1e-4f, 0.9f, 0.999f, 1e-8f, 0, float.MaxValue }.CopyTo(_buffers[OptimizerNodes.Settings].Values<float>());
    }

    public void Step() => _binding.Run();

    public void Dispose()
    {
        _binding.Dispose();
        _session.Dispose();
        foreach (var buffer in _buffers.Values) buffer.Dispose();
    }

    private Value[] Network(string name, int inputs) =>
    [
        Parameter($"{name} w1", AgentUpdate.Hidden1, inputs), Parameter($"{name} b1", AgentUpdate.Hidden1), Parameter($"{name} w2", AgentUpdate.Hidden2, AgentUpdate.Hidden1),
        Parameter($"{name} b2", AgentUpdate.Hidden2), Parameter($"{name} w3", 1, AgentUpdate.Hidden2), Parameter($"{name} b3", 1),
    ];

    private Value Forward(Value[] p, Value x)
    {
        Value Dense(Value input, Value w, Value b) => _g.Node("Gemm", [input, w, b], [Batch, w.Shape[0]], Attributes.Of("transB", 1L));
        return Dense(_g.Unary("Relu", Dense(_g.Unary("Relu", Dense(x, p[0], p[1])), p[2], p[3])), p[4], p[5]);
    }

    private Value Parameter(string name, params int[] shape)
    {
        float[] initial = [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(_ => (float)(0.05 * _random.NextNormal()))];
        _parameters.Add(new TrainedParameter(name, shape, initial, 1, false, float.NegativeInfinity));
        return _g.Input(name, DataType.Float, shape);
    }

    private OrtTensor Buffer(Value value)
    {
        var tensor = OrtTensor.Zeros(value.Type, [.. value.Shape.Select(d => (long)d)]);
        _buffers.Add(value.Name, tensor);
        return tensor;
    }
}
