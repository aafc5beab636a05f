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
    private readonly OrtSession _session;
    private readonly OrtBinding _binding;
    private readonly Dictionary<string, OrtTensor> _buffers = new(StringComparer.Ordinal);
    private readonly ImmutableArray<(OrtTensor Input, OrtTensor Output, OrtTensor? Gradient)> _layers;
    private readonly SecondOrderLoss _loss;

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
        _loss = SecondOrderLoss.Of(
            model, output, everyOutput, Batch, name => g.Find(name) is { } v ? (v.Type, v.Shape) : null, name => g.Find(name) is { } v ? g.ProducerOf(v) : null);
        var outputs = layers.Select(l => g[l.Output]).ToArray();
        var seeds = _loss.Append(g);
        var gradients = Backward.Append(g, seeds, [.. outputs.Distinct()]);
        Obstacles = [.. gradients.Obstacles];
        if (outputs.All(y => gradients.Of(y) is null))
        {
            throw DiagnosticCatalog.NothingToTrain.Error(model.Name, gradients.Obstacles is [var first, ..]
                ? $"no layer's gradient can be had: '{first.Node}' ({first.Op}) is in between: {first.Reason}. Choose an output before it."
                : $"no layer's gradient can be had: the output '{_loss.Scores}' depends on no layer. Choose another output.");
        }
        foreach (var y in outputs.Distinct())
        {
            g.Output(y);
            if (gradients.Of(y) is { } gradient) g.Output(gradient, GradientName(y.Name));
        }
        var fed = g.Inputs.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        foreach (string input in layers.Select(l => l.Input).Where(name => !fed.Contains(name)).Distinct(StringComparer.Ordinal)) g.Output(g[input]);
        _loss.AppendPower(g);
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
    public bool IsDistribution => _loss.IsDistribution;

    /// <summary>Several outputs count, and their gradients are of errors relative to each one's power.</summary>
    public bool IsRelative => _loss.IsRelative;

    /// <summary>The mean square of the output's values (of the scores before a last softmax), after the last run.</summary>
    public double OutputPower => _buffers[SecondOrderLoss.Power].Values<float>()[0];

    /// <summary>The tensor that an input is read from: fill it before a run.</summary>
    public OrtTensor Input(string name) => _buffers[name];

    /// <summary>Both passes over the samples in the input tensors.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(SeededRandom random, CancellationToken cancellation = default)
    {
        _loss.Draw(random, name => _buffers[name]);
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

    private static string GradientName(string output) => "haq/gradient/" + output;

    private OrtTensor Buffer(Value value)
    {
        var tensor = OrtTensor.Zeros(value.Type, [.. value.Shape.Select(d => (long)d)]);
        _buffers.Add(value.Name, tensor);
        return tensor;
    }
}
