using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;

namespace Haq.Engine.Quantization;

/// <summary>A float model made ready: named nodes, an operator set that has the integer types, scalings folded away, and its quantizable layers found.</summary>
public sealed class QuantizableModel
{
    private Func<string, bool>? _leave;
    private IReadOnlyDictionary<string, long[]>? _given;

    private QuantizableModel(OnnxModel model, GraphView view, ShapeTable shapes, LayerSurvey survey, IReadOnlyList<string> folded, IReadOnlyList<string> equalized)
    {
        (Float, View, Shapes, Survey, Folded, Equalized) = (model, view, shapes, survey, folded, equalized);
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

    /// <summary>Tables that rows are looked up in and that are stored in 8 bits.</summary>
    public ImmutableArray<FoundTable> Tables { get; private init; } = [];

    /// <summary>The shape of every input that is a tensor.</summary>
    public IReadOnlyDictionary<string, long[]> InputShapes { get; }

    /// <summary>Names of the nodes that were folded into the layers before them.</summary>
    public IReadOnlyList<string> Folded { get; }

    /// <summary>Names of the layers whose output channels were rescaled together with the next layer's input channels.</summary>
    public IReadOnlyList<string> Equalized { get; }

    /// <summary>Tensors whose channels are evened out where layers read them.</summary>
    public IReadOnlyList<string> Smoothed { get; private init; } = [];

    /// <summary>Prepares a copy of <paramref name="model"/>; layer names are those that the model itself has.</summary>
    /// <param name="model">A float model; not changed.</param>
    /// <param name="inputShapes">Shapes of dynamic inputs.</param>
    /// <param name="fold">Fold batch normalization.</param>
    /// <param name="leave">Names of layers that stay in float; null for none.</param>
    /// <param name="equalize">Equalize the ranges of neighbouring layers' channels.</param>
    /// <param name="junctions">Quantize between layers, too, so that sums, concatenations and averages run on integers.</param>
    /// <param name="tables">Store the tables that rows are looked up in (embeddings) in 8 bits.</param>
    /// <param name="opset">The operator set that the result has at least.</param>
    /// <param name="blocks">Weights will have a scale per block: Gemm nodes become MatMuls, for which there is a kernel.</param>
    /// <exception cref="HaqException">It has nothing to quantize, or is quantized already (HAQ0308, HAQ0312); a shape is not known (HAQ0307); weights are not finite reals (HAQ0401).</exception>
    public static QuantizableModel Prepare(OnnxModel model, IReadOnlyDictionary<string, long[]>? inputShapes = null, bool fold = true, Func<string, bool>? leave = null, bool equalize = false,
        bool junctions = false, bool tables = true, int opset = Export.QdqExporter.Opset, bool blocks = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        var ready = OpsetUpgrade.Raise(ModelSurvey.Prepared(model), opset);
        var folded = fold ? BatchNormFolding.Apply(ready) : [];
        var equalized = equalize ? CrossLayerEqualization.Apply(ready) : [];
        if (blocks) GemmSplitting.Apply(ready);
        var view = new GraphView(ready);
        var shapes = ShapeProbe.Infer(view, inputShapes);
        var survey = LayersOf(view, shapes, leave);
        return new QuantizableModel(ready, view, shapes, survey, folded, equalized)
        {
            Junctions = junctions ? JunctionFinder.Find(view, shapes, survey.Layers) : [],
            Tables = tables ? [.. survey.Tables.Where(t => leave?.Invoke(t.Name) != true)] : [],
            _leave = leave,
            _given = inputShapes,
        };
    }

    /// <summary>The same with another graph, which has the same layers.</summary>
    /// <param name="graph">The graph; becomes this model's.</param>
    /// <param name="smoothed">The tensors whose channels it evens out.</param>
    internal QuantizableModel Rewritten(OnnxModel graph, IReadOnlyList<string> smoothed)
    {
        var view = new GraphView(graph);
        var shapes = ShapeProbe.Infer(view, _given);
        var survey = LayersOf(view, shapes, _leave);
        if (!survey.Layers.Select(l => l.Name).SequenceEqual(Layers.Select(l => l.Name), StringComparer.Ordinal)) throw new InvalidOperationException("the graph has other layers");
        var tables = Tables.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        return new QuantizableModel(graph, view, shapes, survey, Folded, Equalized)
        {
            Junctions = Junctions.IsEmpty ? [] : JunctionFinder.Find(view, shapes, survey.Layers),
            Tables = [.. survey.Tables.Where(t => tables.Contains(t.Name))],
            Smoothed = smoothed,
            _leave = _leave,
            _given = _given,
        };
    }

    private static LayerSurvey LayersOf(GraphView view, ShapeTable shapes, Func<string, bool>? leave)
    {
        var survey = LayerFinder.Find(view, shapes, leave).RequireLayers();
        if (leave is not null && survey.Layers.All(l => leave(l.Name)))
            throw DiagnosticCatalog.NothingToQuantize.Error(view.Model.Name, "has no layer to quantize: each is left in float. Leave fewer out under 'layers:'.");
        foreach (var layer in survey.Layers) LayerWeights.Check(view, layer);
        return survey;
    }
}
