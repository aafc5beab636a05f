using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace Haq.Engine.Graphs;

/// <summary>
/// Brings a model into a <see cref="GraphBuilder"/> for a given batch. Shapes are those of a recorded run, so every operator is covered; what does not depend on the
/// input's values, such as computed shapes, becomes a constant.
/// </summary>
public sealed class ForwardGraph
{
    private readonly OnnxModel _model;
    private readonly GraphView _view;
    private readonly HashSet<string> _varying = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorInfo> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _folded = new(StringComparer.Ordinal);
    private ImmutableArray<NodeProto>? _order;

    private ForwardGraph(OnnxModel model, int batch)
    {
        (_model, Batch) = (model, batch);
        _view = new GraphView(model);
        FindVarying();
    }

    /// <summary>Number of samples per run: what was asked for, or what the model fixes and cannot be changed.</summary>
    public int Batch { get; }

    /// <summary>The model as it is read: every input of a known shape.</summary>
    public OnnxModel Model => _model;

    /// <summary>The model's inputs with the shapes of the run.</summary>
    public IReadOnlyList<TensorInfo> Inputs { get; private set; } = [];

    /// <summary>
    /// Reads a model for batches of <paramref name="batch"/> samples; where the model fixes another number that cannot be changed, that is kept, and
    /// where it declares any number and takes one only, one.
    /// </summary>
    /// <param name="model">Not changed; of an older operator set than builders write, it is read as one that computes the same in that.</param>
    /// <param name="batch">Samples per run.</param>
    /// <param name="inputShapes">Shapes of dynamic inputs, the batch included or not.</param>
    /// <param name="example">Gives the inputs of one sample for operators that refuse zeros; null where there is none.</param>
    /// <exception cref="HaqException">The shape of an input is not known (HAQ0701), or ONNX Runtime cannot run the model (HAQ0310, HAQ0311).</exception>
    public static ForwardGraph Read(
        OnnxModel model, int batch, IReadOnlyDictionary<string, long[]>? inputShapes = null, Func<IReadOnlyDictionary<string, TensorProto>?>? example = null)
    {
        model = OpsetUpgrade.Raise(model, GraphBuilder.LeastOpset);
        var changed = Rebatching.To(model, batch, inputShapes);
        try
        {
            var graph = new ForwardGraph(changed, batch);
            graph.Record(example);
            return graph;
        }
        catch (HaqException e) when (RowsInstead(model, e) is { } rows && rows != batch)
        {
            var graph = new ForwardGraph(Rebatching.To(model, rows, inputShapes), rows);
            graph.Record(example);
            return graph;
        }
    }

    private static int? RowsInstead(OnnxModel model, HaqException e) => Rebatching.FixedBatch(model) ?? (e.Diagnostic.Descriptor == DiagnosticCatalog.RuntimeFailed ? 1 : null);

    /// <summary>The nodes that a run computes, in order.</summary>
    public ImmutableArray<NodeProto> Order => _order ??= [.. _view.Order.Where(n => n.Output.Any(_varying.Contains))];

    /// <summary>Type and extents of what a node makes, in the run; null where that is no tensor.</summary>
    public TensorInfo? Find(string tensor) => _types.GetValueOrDefault(tensor);

    /// <summary>The node that makes a tensor; null for inputs and constants.</summary>
    public NodeProto? ProducerOf(string tensor) => _view.ProducerOf(tensor);

    /// <summary>Bytes of a constant that nodes read; 0 for what is none.</summary>
    public long ConstantBytes(string tensor) =>
        _varying.Contains(tensor) || (_folded.GetValueOrDefault(tensor) ?? _view.ConstantOf(tensor)) is not { } constant ? 0 : TensorData.ByteLength(constant) ?? 0;

    /// <summary>Writes a stretch of <see cref="Order"/> into a builder: what nodes before it or the caller make becomes inputs.</summary>
    /// <param name="g">Of an operator set not older than the model's.</param>
    /// <param name="first">The position of the first node.</param>
    /// <param name="last">The position behind the last node.</param>
    public void WritePart(GraphBuilder g, int first, int last)
    {
        Import(g);
        var nodes = Order[first..last];
        var made = nodes.SelectMany(n => n.Output).ToHashSet(StringComparer.Ordinal);
        foreach (string name in nodes.SelectMany(GraphView.InputsOf).Where(i => _varying.Contains(i) && !made.Contains(i)).Distinct(StringComparer.Ordinal))
        {
            var (type, shape) = Inputs.FirstOrDefault(i => i.Name == name) is { } input ? (input.Type, [.. input.Shape.Select(d => checked((int)d))]) : TypeOf(name);
            g.Input(name, type, shape.AsSpan());
        }
        Write(g, nodes, null);
    }

    /// <summary>Writes the network into a builder.</summary>
    /// <param name="g">Of an operator set not older than the model's.</param>
    /// <param name="parameters">Constants that become inputs, because they change.</param>
    /// <param name="prepare">Sees every node before it is added and may append others and change the node's inputs.</param>
    public void Write(GraphBuilder g, IReadOnlySet<string> parameters, Action<NodeProto>? prepare = null)
    {
        Import(g);
        foreach (var input in Inputs) g.Input(input.Name, input.Type, [.. input.Shape.Select(d => (int)d)]);
        foreach (string name in parameters)
        {
            var tensor = _view.ConstantOf(name) ?? throw new ArgumentException($"'{name}' is not a constant of the model", nameof(parameters));
            g.Input(name, (TensorProto.Types.DataType)tensor.DataType, [.. tensor.Dims.Select(d => (int)d)]);
        }
        Write(g, Order, prepare);
    }

    private void Import(GraphBuilder g)
    {
        foreach (var import in _model.Proto.OpsetImport) if (!OpNames.IsStandard(import.Domain)) g.Import(import.Domain, import.Version);
    }

    private void Write(GraphBuilder g, ImmutableArray<NodeProto> nodes, Action<NodeProto>? prepare)
    {
        foreach (string name in nodes.SelectMany(GraphView.InputsOf).Where(i => !_varying.Contains(i)).Distinct(StringComparer.Ordinal))
            if (g.Find(name) is null) g.Initializer(ConstantOf(name));
        foreach (var original in nodes)
        {
            var node = original.Clone();
            prepare?.Invoke(node);
            g.Adopt(node, [.. node.Output.Select(TypeOf)]);
        }
    }

    private TensorProto ConstantOf(string name)
    {
        var tensor = _folded.GetValueOrDefault(name) ?? _view.ConstantOf(name)!;
        return ExternalData.Holds(tensor) || tensor.Name != name
            ? TensorData.OfBytes(name, TensorData.TypeOf(tensor), [.. tensor.Dims], TensorData.Bytes(tensor, _model.External).ToArray())
            : tensor;
    }

    private (TensorProto.Types.DataType, ImmutableArray<int>) TypeOf(string output) => _types.TryGetValue(output, out var info)
        ? (info.Type, [.. info.Shape.Select(d => checked((int)d))])
        : (TensorProto.Types.DataType.Undefined, []);

    // A tensor varies when it depends on the input's values; its shape alone does not count.
    private void FindVarying()
    {
        foreach (var input in _view.Inputs) _varying.Add(input.Name);
        foreach (var node in _view.Order)
        {
            if (node.OpType is "Shape" or "Size") continue;
            bool random = node.OpType.StartsWith("Random", StringComparison.Ordinal) || node.OpType is "Bernoulli" or "Multinomial";
            if (!random && !GraphView.InputsOf(node).Any(_varying.Contains)) continue;
            foreach (string output in node.Output) _varying.Add(output);
        }
        _varying.Remove("");
    }

    private void Record(Func<IReadOnlyDictionary<string, TensorProto>?>? example)
    {
        var traced = ModelBuilder.From(_model).Show(_view.Order.SelectMany(n => n.Output).Where(name => name.Length > 0)).Build();
        using var session = new OrtSession(traced, new SessionSettings { Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL, Prepacking = !_model.IsLarge, Arena = !_model.IsLarge });
        Inputs = [.. session.Inputs.Where(i => !_view.IsInitializer(i.Name))];
        string[] names = [.. session.Outputs.Where(o => o.Type != DataType.Undefined).Select(o => o.Name)];
        try
        {
            Record(session, names, null);
        }
        catch (HaqException) when (example?.Invoke() is not null)
        {
            Record(session, names, example());
        }
        CheckBatch();
    }

    private void Record(OrtSession session, string[] names, IReadOnlyDictionary<string, TensorProto>? example)
    {
        var feeds = Inputs.ToDictionary(i => i.Name, i => OrtTensor.Zeros(i.Type, i.Shape.AsSpan()));
        try
        {
            foreach (var (name, tensor) in feeds) if (example is not null && example.TryGetValue(name, out var one)) Repeat(TensorData.Bytes(one).Span, tensor.Bytes);
            foreach (var (name, tensor) in names.Zip(session.Run(feeds, names)))
            {
                using (tensor)
                {
                    _types[name] = new TensorInfo(name, tensor.Type, tensor.Shape);
                    if (!_varying.Contains(name)) _folded[name] = tensor.ToProto(name);
                }
            }
        }
        finally
        {
            foreach (var feed in feeds.Values) feed.Dispose();
        }
    }

    private static void Repeat(ReadOnlySpan<byte> sample, Span<byte> rows)
    {
        if (sample.IsEmpty || rows.Length % sample.Length != 0) return;
        for (int at = 0; at < rows.Length; at += sample.Length) sample.CopyTo(rows[at..]);
    }

    private void CheckBatch()
    {
        // Rows of several samples are put one after the other: an input whose first extent is no batch would get pieces of them.
        if (Batch > 1 && Inputs.FirstOrDefault(i => i.Shape is not [var rows, ..] || rows != Batch) is { } single)
        {
            throw DiagnosticCatalog.FixedBatch.Error(_model.Name,
                $"the input '{single.Name}' is [{string.Join(',', single.Shape)}], which holds no batch of {Batch} samples. Set 'finetune: {{batch: 1}}', or export the network with a free batch dimension in front.");
        }

        string first = _model.MainOutput;
        if (_types.TryGetValue(first, out var info) && info.Shape is [var rows, ..] && rows != Batch && Inputs is [{ Shape: [var fed, ..] }, ..] && fed == Batch && Batch > 1)
            throw DiagnosticCatalog.FixedBatch.Error(_model.Name, $"the output '{first}' has {rows} rows for {Batch} samples: the graph mixes or fixes its batch.");
    }
}
