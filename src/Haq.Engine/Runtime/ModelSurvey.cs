using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;

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
        ArgumentNullException.ThrowIfNull(model);
        var prepared = GraphPass.Run(model, ReadingPasses.All).Model;
        var view = new GraphView(prepared);
        var shapes = ShapeProbe.Infer(view, inputShapes);
        return new ModelSurvey(prepared, view, shapes, LayerFinder.Find(view, shapes));
    }
}
