using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Training;

/// <summary>
/// A training graph in ONNX Runtime with all of its buffers. With the engine's kernels parameters change in place; without, each step reads one set of
/// buffers and writes the other.
/// </summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly GraphBuilder _graph;
    private readonly OrtSession _session;
    private readonly Dictionary<string, OrtTensor> _buffers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OrtTensor> _shadow = new(StringComparer.Ordinal);
    private readonly OrtBinding[] _bindings;
    private readonly string[] _state;
    private int _turn;

    public TrainingRun(TrainingGraph graph, FineTuneOptions options, string name)
        : this(graph.Graph, graph.Parameters, graph.FixedScales, options.Optimizer, options.Kernels, options.Threads, name)
    {
    }

    public TrainingRun(
        GraphBuilder graph, IReadOnlyList<TrainedParameter> parameters, IReadOnlyList<TrainedParameter> fixedScales, OptimizerKind optimizer, KernelSet kernels, int threads, string name)
    {
        _graph = graph;
        _session = new OrtSession(new OnnxModel(graph.ToModel(), name), new SessionSettings
        {
            Threads = threads,
            Configure = kernels == KernelSet.Custom ? CustomOperators.Register : null,
        });
        foreach (var input in graph.Inputs) _buffers.Add(input.Name, Like(input));
        _state =
        [
            .. parameters.Select(p => p.Name),
            .. Enumerable.Range(1, OptimizerNodes.Moments(optimizer)).SelectMany(order => parameters.Select(p => OptimizerNodes.Moment(p.Name, order))),
        ];
        var next = kernels == KernelSet.Custom ? [] : _state.ToDictionary(OptimizerNodes.Next, StringComparer.Ordinal);
        foreach (var output in graph.Outputs)
        {
            if (next.TryGetValue(output.Name, out string? state)) _shadow.Add(state, Like(output));
            else _buffers.Add(output.Name, Like(output));
        }
        _bindings = next.Count == 0 ? [Bind(_buffers, _buffers, next)] : [Bind(_buffers, _shadow, next), Bind(_shadow, _buffers, next)];
        foreach (var p in parameters) Set(p.Name, p.Initial);
        foreach (var p in fixedScales) Set(p.Name, p.Initial);
    }

    /// <summary>Names of parameters and moments: all that a checkpoint needs.</summary>
    public IReadOnlyList<string> State => _state;

    /// <summary>The tensor behind an input or output, as it is now.</summary>
    public Span<float> Values(string name) => Current(name).Values<float>();

    /// <summary>The tensor behind an input.</summary>
    public OrtTensor Input(string name) => _buffers[name];

    public void Set(string name, ReadOnlySpan<float> values) => values.CopyTo(Values(name));

    /// <summary>One step; returns the loss before it and the length of the gradient.</summary>
    public (double Loss, double GradientNorm) Step(CancellationToken cancellation)
    {
        _bindings[_turn].Run(cancellation);
        if (_bindings.Length > 1) _turn ^= 1;
        return (Values(TrainingGraph.LossOutput)[0], Values(OptimizerNodes.Norm)[0]);
    }

    /// <summary>A copy of parameters and moments.</summary>
    public float[][] Save() => [.. _state.Select(s => Values(s).ToArray())];

    /// <summary>Goes back to a copy.</summary>
    public void Restore(float[][] saved)
    {
        for (int i = 0; i < _state.Length; i++) Set(_state[i], saved[i]);
    }

    public void Dispose()
    {
        foreach (var binding in _bindings) binding.Dispose();
        _session.Dispose();
        foreach (var buffer in _buffers.Values) buffer.Dispose();
        foreach (var buffer in _shadow.Values) buffer.Dispose();
    }

    private OrtTensor Current(string name) => _turn == 1 && _shadow.TryGetValue(name, out var other) ? other : _buffers[name];

    private OrtBinding Bind(Dictionary<string, OrtTensor> read, Dictionary<string, OrtTensor> write, Dictionary<string, string> next)
    {
        var binding = _session.Bind();
        foreach (var input in _graph.Inputs) binding.Input(input.Name, read.GetValueOrDefault(input.Name) ?? _buffers[input.Name]);
        foreach (var output in _graph.Outputs)
            binding.Output(output.Name, next.TryGetValue(output.Name, out string? state) ? write[state] : _buffers[output.Name]);
        return binding;
    }

    private static OrtTensor Like(Value value) => OrtTensor.Zeros(value.Type, [.. value.Shape.Select(d => (long)d)]);
}
