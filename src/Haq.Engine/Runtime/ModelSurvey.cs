using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;

namespace Haq.Engine.Runtime;

/// <summary>
/// A model made ready for everything after reading: constant parts folded, every node with a unique name that survives rewriting, shapes inferred, layers found.
/// </summary>
public sealed class ModelSurvey
{
    private ModelSurvey(OnnxModel model, GraphView view, ShapeTable shapes, LayerSurvey layers) => (Model, View, Shapes, Layers) = (model, view, shapes, layers);

    /// <summary>The prepared copy; the model it came from is as it was.</summary>
    public OnnxModel Model { get; }

    /// <summary>Its index.</summary>
    public GraphView View { get; }

    /// <summary>The type of every tensor.</summary>
    public ShapeTable Shapes { get; }

    /// <summary>Its layers, and what is none.</summary>
    public LayerSurvey Layers { get; }

    /// <summary>Prepares and surveys a model.</summary>
    /// <param name="model">The model; not changed.</param>
    /// <param name="inputShapes">Shapes of dynamic inputs by name.</param>
    /// <exception cref="HaqException">A shape is missing or contradicts the model (HAQ0307), data cannot be read (HAQ0304), or the graph is not valid (HAQ0305).</exception>
    public static ModelSurvey Of(OnnxModel model, IReadOnlyDictionary<string, long[]>? inputShapes = null)
    {
        var prepared = Prepared(model);
        var view = new GraphView(prepared);
        var shapes = ShapeProbe.Infer(view, inputShapes);
        return new ModelSurvey(prepared, view, shapes, LayerFinder.Find(view, shapes));
    }

    /// <summary>A copy of <paramref name="model"/> that every later step works on: the model's own functions written out, nodes named, constant parts computed, other precisions brought to 32 bits.</summary>
    /// <exception cref="HaqException">A function cannot be written out (HAQ0305, HAQ0306), or data cannot be read (HAQ0304).</exception>
    public static OnnxModel Prepared(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var prepared = model.Clone();
        FunctionInlining.Apply(prepared);
        NodeNames.Assign(prepared.Graph);
        KeepConstants(prepared);
        try
        {
            ConstantFolding.Fold(prepared);
        }
        catch (HaqException e) when (e.Diagnostic.Descriptor == DiagnosticCatalog.RuntimeRefused || e.Diagnostic.Descriptor == DiagnosticCatalog.RuntimeFailed)
        {
            // What cannot be folded is used as it stands.
        }
        SinglePrecision.Apply(prepared);
        return prepared;
    }

    /// <summary>
    /// Older exporters list every initializer as an input too, which lets a caller replace weights and keeps ONNX Runtime from folding them. Weights that are
    /// quantized are not replaced, so here they are constants.
    /// </summary>
    private static void KeepConstants(OnnxModel model)
    {
        var view = new GraphView(model);
        if (view.Inputs.Length == model.Graph.Input.Count) return;
        model.Graph.Input.Clear();
        model.Graph.Input.Add(view.Inputs);
    }
}
