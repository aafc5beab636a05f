using System.Collections.Immutable;
using Haq.Engine.Autodiff;
using Haq.Engine.Diagnostics;
using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Training;

/// <summary>
/// Every layer's input, its output y, and the gradient of the loss with respect to it, per sample, from one forward and one backward pass over the float network: what a Fisher score
/// needs. The KL divergence from the network's own output has no gradient at that output, so the gradient is that of −log p(c) with the class c drawn from the output
/// distribution p, whose mean square is the Fisher information, KL's second derivative. Outputs that are no scores get a normal seed, for the Gauss-Newton matrix of the squared error.
/// Not safe for concurrent use.
/// </summary>
public sealed class LayerGradients : IDisposable
{
    private const string Noise = "haq/noise", Power = "haq/power";
    private const float LeastPower = 1e-30f;
    private readonly OrtSession _session;
    private readonly OrtBinding _binding;
    private readonly Dictionary<string, OrtTensor> _buffers = new(StringComparer.Ordinal);
    private readonly ImmutableArray<(OrtTensor Input, OrtTensor Output, OrtTensor? Gradient)> _layers;
    private readonly bool _scores;
    private readonly ImmutableArray<string> _otherNoises = [];

    /// <summary>Prepares the passes.</summary>
    /// <param name="model">The float network.</param>
    /// <param name="layers">Layers to look at.</param>
    /// <param name="batch">Samples per run.</param>
    /// <param name="output">The output that the loss looks at; null for the main one.</param>
    /// <param name="inputShapes">Shapes of dynamic inputs.</param>
    /// <param name="threads">Threads inside one operator; 0 for the usual number.</param>
    /// <param name="everyOutput">The loss looks at all outputs of real numbers that have a row for each sample.</param>
    /// <exception cref="HaqException">The model cannot be read for a batch (HAQ0701, HAQ0310, HAQ0311), or no layer's gradient can be had (HAQ0703).</exception>
    public LayerGradients(
        OnnxModel model, IReadOnlyList<FoundLayer> layers, int batch, string? output = null, IReadOnlyDictionary<string, long[]>? inputShapes = null, int threads = 0,
        bool everyOutput = false)
    {
        var forward = ForwardGraph.Read(model, batch, inputShapes);
        Batch = forward.Batch;
        Inputs = [.. forward.Inputs];
        var g = new GraphBuilder(Math.Max(GraphBuilder.LeastOpset, model.OpsetOf()));
        forward.Write(g, ImmutableHashSet<string>.Empty);
        var z = g[output ?? model.MainOutput];
        bool softmax = z.Rank == 2 && g.ProducerOf(z) is { } last && last.Is(OpNames.Softmax);
        if (softmax) z = g[g.ProducerOf(z)!.Input[0]];
        _scores = z.Rank == 2 && z.Shape[1] > 1;
        var outputs = layers.Select(l => g[l.Output]).ToArray();
        string main = output ?? model.MainOutput;
        Value[] others = everyOutput ? [.. model.Graph.Output.Where(o => o.Name != main && g.Find(o.Name) is not null).Select(o => g[o.Name]).Where(IsPerSample)] : [];
        IsRelative = others.Length > 0;
        var seeds = new List<(Value, Value)> { (z, Seed(g, z, _scores)) };
        if (IsRelative)
        {
            // The mean of all outputs' relative errors; beside a divergence, whose second-order form has a factor of one half, twice that of the others.
            int shares = _scores ? others.Length : others.Length + 1;
            if (!_scores) seeds[0] = (z, Relative(g, z, seeds[0].Item2, shares));
            for (int i = 0; i < others.Length; i++)
            {
                var noise = g.Input($"{Noise}/{i}", DataType.Float, others[i].Shape.AsSpan()) * ((_scores ? MathF.Sqrt(2) : 1) / MathF.Sqrt((float)others[i].Count / others[i].Shape[0]));
                seeds.Add((others[i], Relative(g, others[i], noise, shares)));
            }
            _otherNoises = [.. Enumerable.Range(0, others.Length).Select(i => $"{Noise}/{i}")];
        }
        var gradients = Backward.Append(g, seeds, [.. outputs.Distinct()]);
        Obstacles = [.. gradients.Obstacles];
        if (outputs.All(y => gradients.Of(y) is null))
        {
            throw DiagnosticCatalog.NothingToTrain.Error(model.Name, gradients.Obstacles is [var first, ..]
                ? $"no layer's gradient can be had: '{first.Node}' ({first.Op}) is in between: {first.Reason}. Choose an output before it."
                : $"no layer's gradient can be had: the output '{z.Name}' depends on no layer. Choose another output.");
        }
        foreach (var y in outputs.Distinct())
        {
            g.Output(y);
            if (gradients.Of(y) is { } gradient) g.Output(gradient, GradientName(y.Name));
        }
        var fed = g.Inputs.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        foreach (string input in layers.Select(l => l.Input).Where(name => !fed.Contains(name)).Distinct(StringComparer.Ordinal)) g.Output(g[input]);
        g.Output(g.Mean(z * z, [.. Enumerable.Range(0, z.Rank)], keep: false), Power);
        _session = new OrtSession(new OnnxModel(g.ToModel(), model.Name), threads > 0 ? new SessionSettings { Threads = threads } : SessionSettings.Default);
        _binding = _session.Bind();
        foreach (var input in g.Inputs) _binding.Input(input.Name, Buffer(input));
        foreach (var result in g.Outputs) _binding.Output(result.Name, Buffer(result));
        _layers = [.. layers.Select(l => (_buffers[l.Input], _buffers[l.Output], _buffers.GetValueOrDefault(GradientName(l.Output))))];
    }

    /// <summary>Samples per run.</summary>
    public int Batch { get; }

    /// <summary>The network's inputs, in the shape of a run.</summary>
    public ImmutableArray<TensorInfo> Inputs { get; }

    /// <summary>Layers without a gradient, and what is in the way.</summary>
    public ImmutableArray<GradientObstacle> Obstacles { get; }

    /// <summary>The output is a score per class, so that the loss is a divergence of distributions; else it is a squared error.</summary>
    public bool IsDistribution => _scores;

    /// <summary>Several outputs count, and their gradients are of errors relative to each one's power.</summary>
    public bool IsRelative { get; }

    /// <summary>The mean square of the output's values (of the scores before a last softmax), after the last run.</summary>
    public double OutputPower => _buffers[Power].Values<float>()[0];

    /// <summary>The tensor that an input is read from: fill it before a run.</summary>
    public OrtTensor Input(string name) => _buffers[name];

    /// <summary>Both passes over the samples in the input tensors.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(SeededRandom random, CancellationToken cancellation = default)
    {
        foreach (ref float v in _buffers[Noise].Values<float>())
            v = (float)(_scores ? -Math.Log(-Math.Log(1 - random.NextDouble() + 1e-300) + 1e-300) : random.NextNormal());
        foreach (string noise in _otherNoises)
            foreach (ref float v in _buffers[noise].Values<float>()) v = (float)random.NextNormal();
        _binding.Run(cancellation);
    }

    /// <summary>Extents of a layer's output, the batch first.</summary>
    public ImmutableArray<long> ShapeOf(int layer) => _layers[layer].Output.Shape;

    /// <summary>The tensor that a layer reads, after the last run. It stays this object's.</summary>
    public OrtTensor InputTensor(int layer) => _layers[layer].Input;

    /// <summary>The gradient as in <see cref="GradientOf"/>, as the tensor that it is; null where there is none. It stays this object's.</summary>
    public OrtTensor? GradientTensor(int layer) => _layers[layer].Gradient;

    /// <summary>The layer's output y, after the last run.</summary>
    public ReadOnlySpan<float> OutputOf(int layer) => _layers[layer].Output.Values<float>();

    /// <summary>The gradient of each sample's own loss (not divided by the batch) with respect to y; empty where there is none.</summary>
    public ReadOnlySpan<float> GradientOf(int layer) => _layers[layer].Gradient is { } gradient ? gradient.Values<float>() : [];

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _session.Dispose();
        foreach (var buffer in _buffers.Values) buffer.Dispose();
    }

    // Adding Gumbel noise to the scores and taking the greatest draws a class from their softmax (Gumbel 1954), inside the graph.
    private static Value Seed(GraphBuilder g, Value z, bool scores)
    {
        var noise = g.Input(Noise, DataType.Float, z.Shape.AsSpan());
        if (!scores) return noise * (1 / MathF.Sqrt(z.Count / z.Shape[0]));
        var noisy = z + noise;
        var greatest = g.Node("ReduceMax", [noisy, g.Integers(1)], [z.Shape[0], 1], Attributes.Of("keepdims", 1L));
        return g.Node("Softmax", [z], z.Shape, Attributes.Of("axis", 1L)) - g.ToFloat(g.Compare("Equal", noisy, greatest));
    }

    // An output counts by its error over its power: the seed is divided by the square root of it.
    private static Value Relative(GraphBuilder g, Value z, Value seed, int shares)
    {
        var power = g.Mean(z * z, [.. Enumerable.Range(0, z.Rank)], keep: false) * shares;
        return seed / g.Unary("Sqrt", power + LeastPower);
    }

    private bool IsPerSample(Value output) => output.Type == DataType.Float && output.Rank > 0 && output.Shape[0] == Batch;

    private static string GradientName(string output) => "haq/gradient/" + output;

    private OrtTensor Buffer(Value value)
    {
        var tensor = OrtTensor.Zeros(value.Type, [.. value.Shape.Select(d => (long)d)]);
        _buffers.Add(value.Name, tensor);
        return tensor;
    }
}
