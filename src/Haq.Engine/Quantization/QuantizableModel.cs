using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Quantization.Regions;
using Haq.Engine.Quantization.Tensors;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Quantization;

/// <summary>A float model made ready: named nodes, an operator set that has the integer types, scalings folded away, and its quantizable layers found.</summary>
public sealed class QuantizableModel : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<IDisposable> _storage = [];
    private (object By, QuantizableModel Model)? _changed;
    private Func<string, bool>? _leave;
    private bool _fuses;
    private IReadOnlyDictionary<string, long[]>? _given;
    private Func<IReadOnlyDictionary<string, TensorProto>?>? _sample;

    private QuantizableModel(OnnxModel model, GraphView view, ShapeTable shapes, LayerSurvey survey)
    {
        (Float, View, Shapes, Survey) = (model, view, shapes, survey);
        InputShapes = view.Inputs.Where(i => shapes.TryGet(i.Name, out _)).ToDictionary(i => i.Name, i => shapes[i.Name].Shape.ToArray(), StringComparer.Ordinal);
    }

    /// <summary>The float model; not to be changed.</summary>
    public OnnxModel Float { get; }

    /// <summary>Its graph.</summary>
    public GraphView View { get; }

    /// <summary>The types of its tensors.</summary>
    public ShapeTable Shapes { get; }

    /// <summary>The layers and what is left out.</summary>
    public LayerSurvey Survey { get; }

    /// <summary>The layers, by index.</summary>
    public ImmutableArray<FoundLayer> Layers => Survey.Layers;

    /// <summary>Tensors between layers that are quantized too; empty where sums, concatenations and averages stay in float.</summary>
    public ImmutableArray<Junction> Junctions { get; private init; } = [];

    /// <summary>The target; null for ONNX Runtime on a processor.</summary>
    public DialectForm? Form { get; private init; }

    /// <summary>Tensors between layers with a width of their own, where the hardware keeps nothing but integers; otherwise empty.</summary>
    public ImmutableArray<TensorItem> Tensors { get; private init; } = [];

    /// <summary>All that has a width to choose: the layers by index, and the tensors between them behind.</summary>
    public ImmutableArray<QuantizableLayer> Items => [.. Survey.Quantizable, .. Tensors.Select((t, i) => TensorLayer(t, Layers.Length + i))];

    /// <summary>Tables that rows are looked up in and that are stored in 8 bits.</summary>
    public ImmutableArray<FoundTable> Tables { get; private init; } = [];

    /// <summary>What each pass of the preparation did, in order.</summary>
    public ImmutableArray<AppliedPass> Passes { get; private init; } = [];

    /// <summary>What can be computed in integers or left in floating point as a whole; null where that is not to be chosen.</summary>
    public RegionMap? Regions { get; private init; }

    /// <summary>Names of the tensors between layers that the search has a choice for.</summary>
    internal IEnumerable<string> TensorNames => Tensors.Select(t => t.Junction.Tensor);

    /// <summary>Those of them that hold the sums of a softmax's input and a mask.</summary>
    internal IEnumerable<string> MaskNames => Tensors.Where(t => t.Softmax is not null).Select(t => t.Junction.Tensor);

    /// <summary>Names of the tensors that regions may quantize.</summary>
    internal IEnumerable<string> RegionTensors => Regions?.Tensors.Select(t => t.Name) ?? [];

    /// <summary>The shape of every input that is a tensor.</summary>
    public IReadOnlyDictionary<string, long[]> InputShapes { get; }

    /// <summary>Names of the nodes that were folded into the layers before them.</summary>
    public IReadOnlyList<string> Folded => NodesOf(PreparationPasses.FoldingLabel);

    /// <summary>Names of the layers whose output channels were rescaled together with the next layer's input channels.</summary>
    public IReadOnlyList<string> Equalized => NodesOf(PreparationPasses.EqualizingLabel);

    /// <summary>Tensors whose channels are evened out where layers read them.</summary>
    public IReadOnlyList<string> Smoothed { get; private init; } = [];

    /// <summary>Prepares a copy of <paramref name="model"/>; layer names are those that the model itself has.</summary>
    /// <param name="model">A float model; not changed.</param>
    /// <param name="options">How; null for <see cref="PreparationOptions.Default"/>.</param>
    /// <exception cref="HaqException">It has nothing to quantize, or is quantized already (HAQ0308, HAQ0312); a shape is not known (HAQ0307); weights are not finite reals (HAQ0401).</exception>
    public static QuantizableModel Prepare(OnnxModel model, PreparationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= PreparationOptions.Default;
        var run = GraphPass.Run(model, PreparationPasses.For(options).Select(Bounded));
        var view = new GraphView(run.Model);
        var shapes = ShapeProbe.Infer(view, options.InputShapes, options.Sample);
        var survey = LayersOf(view, shapes, options.Leave);
        ImmutableArray<FoundTable> tables = options.Tables ? [.. survey.Tables.Where(t => options.Leave?.Invoke(t.Name) != true)] : [];
        return new QuantizableModel(run.Model, view, shapes, survey)
        {
            Passes = run.Applied,
            Junctions = options.Form is { EveryTensor: true } every ? EveryTensor.Find(view, shapes, survey.Layers, every.Fused)
                : options.Between == BetweenLayers.Junctions ? JunctionFinder.Find(view, shapes, survey.Layers) : [],
            Form = options.Form,
            Tensors = options.Between is BetweenLayers.Tensors or BetweenLayers.TensorsOfFusedSums && options.Form is not { EveryTensor: true }
                ? TensorFinder.Find(view, shapes, survey.Layers, options.Between == BetweenLayers.TensorsOfFusedSums) : [],
            Tables = tables,
            Regions = options.Regions ? RegionFinder.Find(view, shapes, survey.Layers, tables) : null,
            _leave = options.Leave,
            _fuses = options.Between == BetweenLayers.TensorsOfFusedSums,
            _given = options.InputShapes,
            _sample = options.Sample,
        };
    }

    /// <summary>The form of this model that was last made by <paramref name="change"/>, or what <paramref name="make"/> makes: stages that change it alike share what they look at.</summary>
    internal QuantizableModel Changed(object change, Func<QuantizableModel> make)
    {
        lock (_lock)
        {
            if (_changed is { } known && known.By.Equals(change)) return known.Model;
            var made = make();
            if (made.Float.Storage is { } storage) _storage.Add(storage);
            _changed = (change, made);
            return made;
        }
    }

    /// <summary>Lets go of the forms that were made of this model: what huge ones had in files is deleted. The model itself stays what it is.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _changed = null;
            foreach (var storage in _storage) storage.Dispose();
            _storage.Clear();
        }
    }

    /// <summary>The same with another graph, which has the same layers.</summary>
    /// <param name="graph">The graph; becomes this model's.</param>
    /// <param name="smoothed">The tensors whose channels it evens out.</param>
    internal QuantizableModel Rewritten(OnnxModel graph, IReadOnlyList<string> smoothed)
    {
        var view = new GraphView(MappedConstants.Keep(graph));
        var shapes = ShapeProbe.Infer(view, _given, _sample);
        var survey = LayersOf(view, shapes, _leave);
        if (!survey.Layers.Select(l => l.Name).SequenceEqual(Layers.Select(l => l.Name), StringComparer.Ordinal)) throw new InvalidOperationException("the graph has other layers");
        var kept = Tables.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        ImmutableArray<FoundTable> tables = [.. survey.Tables.Where(t => kept.Contains(t.Name))];
        return new QuantizableModel(graph, view, shapes, survey)
        {
            Passes = Passes,
            Junctions = Junctions.IsEmpty ? [] : Form is { EveryTensor: true } every ? EveryTensor.Find(view, shapes, survey.Layers, every.Fused) : JunctionFinder.Find(view, shapes, survey.Layers),
            Form = Form,
            Tensors = Renewed(TensorFinder.Find(view, shapes, survey.Layers, _fuses)),
            Tables = tables,
            Smoothed = smoothed,
            Regions = Regions is null ? null : RegionFinder.Find(view, shapes, survey.Layers, tables),
            _leave = _leave,
            _fuses = _fuses,
            _given = _given,
            _sample = _sample,
        };
    }

    private QuantizableLayer TensorLayer(TensorItem tensor, int index) =>
        new(index, tensor.Name, LayerShape.Tensor(tensor.Elements), tensor.Layer >= 0 ? tensor.Layer : index)
        {
            Passes = tensor.Passes,
            Joined = [.. tensor.Joined.Select(joined => Tensors.ToList().FindIndex(t => t.Junction.Tensor == joined)).Where(at => at >= 0).Select(at => Layers.Length + at)],
        };

    // The same tensors in the same order: policies count them.
    private ImmutableArray<TensorItem> Renewed(ImmutableArray<TensorItem> found)
    {
        var byName = found.ToDictionary(t => t.Name, StringComparer.Ordinal);
        return [.. Tensors.Select(t => byName.GetValueOrDefault(t.Name, t))];
    }

    private IReadOnlyList<string> NodesOf(string pass) => Passes.FirstOrDefault(p => p.Label == pass)?.Nodes ?? [];

    // Each pass may write all weights anew.
    private static GraphPass Bounded(GraphPass pass) => pass with
    {
        Apply = model =>
        {
            var result = pass.Apply(model);
            MappedConstants.Keep(result.Model);
            NativeRoom.Bound();
            return result;
        },
    };

    private static LayerSurvey LayersOf(GraphView view, ShapeTable shapes, Func<string, bool>? leave)
    {
        var survey = LayerFinder.Find(view, shapes, leave).RequireLayers();
        if (leave is not null && survey.Layers.All(l => leave(l.Name)))
            throw DiagnosticCatalog.NothingToQuantize.Error(view.Model.Name, "has no layer to quantize: each is left in float. Leave fewer out under 'layers:'.");
        foreach (var layer in survey.Layers) LayerWeights.Check(view, layer);
        return survey;
    }
}
