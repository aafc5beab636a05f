using System.Collections.Immutable;
using Haq.Engine.Autodiff;
using Haq.Engine.Diagnostics;
using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Training;

/// <summary>
/// What <see cref="LayerGradients"/> computes, for networks too large for a graph of all of it: a stretch of nodes at a time has its weights, activations and gradients in memory. Forwards, what
/// stretches pass on is kept; backwards, each is computed again together with its gradients, which become those of the stretch before. Not safe for concurrent use.
/// </summary>
internal sealed class StreamedGradients : IDisposable
{
    private readonly OnnxModel _model;
    private readonly ForwardGraph _forward;
    private readonly IReadOnlyList<FoundLayer> _layers;
    private readonly SecondOrderLoss _loss;
    private readonly SessionSettings _settings;
    private readonly ImmutableArray<Stretch> _stretches;
    private readonly HashSet<string> _behindLayers = new(StringComparer.Ordinal);
    private readonly List<Kept> _batches = [];
    private readonly List<double> _powers = [];

    /// <summary>Prepares the passes.</summary>
    /// <param name="model">The float network.</param>
    /// <param name="layers">Layers to look at.</param>
    /// <param name="batch">Samples per run.</param>
    /// <param name="stretchBytes">What a stretch may hold of constants and of what its nodes make.</param>
    /// <param name="output">The output that the loss looks at; null for the main one.</param>
    /// <param name="inputShapes">Shapes of dynamic inputs.</param>
    /// <param name="threads">Threads inside one operator; 0 for the usual number.</param>
    /// <param name="everyOutput">The loss looks at all outputs of real numbers that have a row for each sample.</param>
    /// <exception cref="HaqException">The model cannot be read for a batch (HAQ0701, HAQ0310, HAQ0311), or the output depends on no layer (HAQ0703).</exception>
    public StreamedGradients(
        OnnxModel model, IReadOnlyList<FoundLayer> layers, int batch, long stretchBytes, string? output = null, IReadOnlyDictionary<string, long[]>? inputShapes = null, int threads = 0,
        bool everyOutput = false)
    {
        (_model, _layers) = (model, layers);
        _forward = ForwardGraph.Read(model, batch, inputShapes);
        _loss = SecondOrderLoss.Of(model, output, everyOutput, Batch, TypeOf, _forward.ProducerOf);
        _settings = (threads > 0 ? new SessionSettings { Threads = threads } : SessionSettings.Default) with { Prepacking = false, Arena = false };
        _stretches = Stretch.Of(_forward, stretchBytes);
        FindBehindLayers();
    }

    /// <summary>Samples per run.</summary>
    public int Batch => _forward.Batch;

    /// <summary>How many stretches there are; they are gone through backwards.</summary>
    public int Stretches => _stretches.Length;

    /// <summary>Bytes that are kept of each batch between the two passes.</summary>
    public long BytesPerBatch => _stretches.SelectMany(s => s.Passed).Distinct(StringComparer.Ordinal).Sum(t => 2 * Stretch.BytesOf(_forward, t))
        + _loss.Noises.Sum(n => sizeof(float) * n.Shape.Aggregate(1L, (product, extent) => product * extent));

    /// <summary>The output is a score per class, so that the loss is a divergence of distributions; else it is a squared error.</summary>
    public bool IsDistribution => _loss.IsDistribution;

    /// <summary>Several outputs count, and their gradients are of errors relative to each one's power.</summary>
    public bool IsRelative => _loss.IsRelative;

    /// <summary>The mean square of the output's values, batch by batch, once the stretch that makes the output is done.</summary>
    public IReadOnlyList<double> OutputPowers => _powers;

    /// <summary>Some layer's gradient was seen.</summary>
    public bool HasGradients { get; private set; }

    /// <summary>The layers of a stretch, by index.</summary>
    public ImmutableArray<int> LayersOf(int stretch)
    {
        var made = Made(_stretches[stretch]);
        return [.. Enumerable.Range(0, _layers.Count).Where(i => made.Contains(_layers[i].Output))];
    }

    /// <summary>The forward pass.</summary>
    /// <param name="batches">The inputs of each batch; they stay the caller's and must stay as they are.</param>
    /// <param name="random">Draws the loss.</param>
    /// <param name="cancellation">Ends it.</param>
    public void Forward(IEnumerable<IReadOnlyDictionary<string, OrtTensor>> batches, SeededRandom random, CancellationToken cancellation)
    {
        foreach (var inputs in batches)
        {
            var kept = new Kept(inputs);
            _batches.Add(kept);
            foreach (var (name, shape) in _loss.Noises) kept.Tensors[name] = OrtTensor.Zeros(DataType.Float, [.. shape.Select(d => (long)d)]);
            _loss.Draw(random, name => kept.Tensors[name]);
        }
        foreach (var stretch in _stretches.SkipLast(1))
        {
            var made = Made(stretch);
            string[] outputs = [.. stretch.Passed.Where(made.Contains)];
            if (outputs.Length == 0) continue;
            var g = Write(stretch);
            foreach (string output in outputs) g.Output(g[output]);
            using var session = new OrtSession(new OnnxModel(g.ToModel(), _model.Name), _settings);
            foreach (var batch in _batches)
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (var (name, tensor) in outputs.Zip(session.Run(batch.Feeds(session), outputs))) batch.Tensors[name] = tensor;
            }
        }
    }

    /// <summary>The backward pass through one stretch, the last one first; <paramref name="see"/> is shown each batch: its position, a layer's input, and its
    /// gradient, null where there is none.</summary>
    /// <exception cref="HaqException">A gradient cannot be had (HAQ0703).</exception>
    public void Backward(int stretch, Action<int, Func<int, OrtTensor>, Func<int, OrtTensor?>> see, CancellationToken cancellation)
    {
        var part = _stretches[stretch];
        var made = Made(part);
        var g = Write(part);
        string[] before = [.. g.Inputs.Select(i => i.Name).Where(_behindLayers.Contains)];
        var seeds = _loss.Append(g);
        foreach (string passed in part.Passed.Where(made.Contains))
            if (_batches[0].Gradients.TryGetValue(passed, out var gradient)) seeds.Add((g[passed], g.Input(SeedName(passed), gradient.Type, g[passed].Shape.AsSpan())));
        if (seeds.Count == 0)
        {
            for (int b = 0; b < _batches.Count; b++)
            {
                see(b, _ => throw new InvalidOperationException("no layer here has a gradient"), _ => null);
                _batches[b].Drop(made);
            }
            return;
        }
        var own = LayersOf(stretch);
        string[] wanted = [.. before.Concat(own.Select(l => _layers[l].Output)).Distinct(StringComparer.Ordinal)];
        var gradients = Autodiff.Backward.Append(g, seeds, [.. wanted.Select(w => g[w])]);
        if (gradients.Obstacles is [var first, ..]) throw Obstacle(first);
        foreach (string name in wanted)
            if (gradients.Of(g[name]) is { } gradient) g.Output(gradient, GradientName(name));
        HasGradients |= own.Any(l => gradients.Of(g[_layers[l].Output]) is not null);
        foreach (string input in own.Select(l => _layers[l].Input).Where(made.Contains).Distinct(StringComparer.Ordinal)) g.Output(g[input]);
        _loss.AppendPower(g);
        using var session = new OrtSession(new OnnxModel(g.ToModel(), _model.Name), _settings);
        string[] names = [.. session.Outputs.Select(o => o.Name)];
        for (int b = 0; b < _batches.Count; b++)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = _batches[b];
            var results = names.Zip(session.Run(batch.Feeds(session), names)).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);
            try
            {
                see(b, layer => results.GetValueOrDefault(_layers[layer].Input) ?? batch.Of(_layers[layer].Input), layer => results.GetValueOrDefault(GradientName(_layers[layer].Output)));
                foreach (string name in before)
                    if (results.Remove(GradientName(name), out var gradient)) batch.Add(name, gradient);
                if (results.TryGetValue(SecondOrderLoss.Power, out var power)) _powers.Add(power.Values<float>()[0]);
            }
            finally
            {
                foreach (var result in results.Values) result.Dispose();
            }
            batch.Drop(made);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var batch in _batches) batch.Dispose();
        _batches.Clear();
    }

    /// <summary>What is said of a gradient that cannot be had.</summary>
    public static HaqException ObstacleError(string model, GradientObstacle obstacle) => DiagnosticCatalog.NoGradient.Error(model,
        $"Fisher scores need gradients, and '{obstacle.Node}' ({obstacle.Op}) has none: {obstacle.Reason}. Use 'sensitivity: probe' or 'sensitivity: local', which need none.");

    private HaqException Obstacle(GradientObstacle obstacle) => ObstacleError(_model.Name, obstacle);

    private GraphBuilder Write(Stretch stretch)
    {
        var g = new GraphBuilder(Math.Max(GraphBuilder.LeastOpset, _model.OpsetOf()));
        _forward.WritePart(g, stretch.First, stretch.Last);
        return g;
    }

    private HashSet<string> Made(Stretch stretch) => _forward.Order[stretch.First..stretch.Last].SelectMany(n => n.Output).ToHashSet(StringComparer.Ordinal);

    private (DataType, ImmutableArray<int>)? TypeOf(string tensor) => _forward.Find(tensor) is { } info ? (info.Type, [.. info.Shape.Select(d => checked((int)d))]) : null;

    // Only what comes after a layer carries a gradient that somebody wants.
    private void FindBehindLayers()
    {
        foreach (var layer in _layers) _behindLayers.Add(layer.Output);
        foreach (var node in _forward.Order)
        {
            if (GradientRules.IsFlat(node) || !GraphView.InputsOf(node).Any(_behindLayers.Contains)) continue;
            foreach (string output in node.Output)
                if (_forward.Find(output)?.Type is DataType.Float or DataType.Double) _behindLayers.Add(output);
        }
    }

    private static string SeedName(string tensor) => "haq/seed/" + tensor;

    private static string GradientName(string tensor) => "haq/gradient/" + tensor;

    /// <summary>What is kept of a batch: tensors that are passed on, and gradients with respect to them so far.</summary>
    private sealed class Kept(IReadOnlyDictionary<string, OrtTensor> inputs) : IDisposable
    {
        public Dictionary<string, OrtTensor> Tensors { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, OrtTensor> Gradients { get; } = new(StringComparer.Ordinal);

        public OrtTensor Of(string name) => Tensors.GetValueOrDefault(name) ?? inputs[name];

        public Dictionary<string, OrtTensor> Feeds(OrtSession session) => session.Inputs.ToDictionary(
            i => i.Name, i => i.Name.StartsWith(SeedName(""), StringComparison.Ordinal) ? Gradients[i.Name[SeedName("").Length..]] : Of(i.Name), StringComparer.Ordinal);

        // A tensor that several stretches read gets a part of its gradient from each.
        public void Add(string name, OrtTensor gradient)
        {
            if (!Gradients.TryGetValue(name, out var sum))
            {
                Gradients[name] = gradient;
                return;
            }
            if (gradient.Type == DataType.Double) System.Numerics.Tensors.TensorPrimitives.Add<double>(sum.Values<double>(), gradient.Values<double>(), sum.Values<double>());
            else System.Numerics.Tensors.TensorPrimitives.Add<float>(sum.Values<float>(), gradient.Values<float>(), sum.Values<float>());
            gradient.Dispose();
        }

        // Nobody before a stretch reads what it made.
        public void Drop(HashSet<string> made)
        {
            foreach (var kept in (Dictionary<string, OrtTensor>[])[Tensors, Gradients])
                foreach (string name in made) if (kept.Remove(name, out var tensor)) tensor.Dispose();
        }

        public void Dispose()
        {
            foreach (var tensor in Tensors.Values.Concat(Gradients.Values)) tensor.Dispose();
        }
    }
}
