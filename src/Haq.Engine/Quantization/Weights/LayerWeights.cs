using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Weights;

/// <summary>What must hold of the numbers of a layer before scales are chosen for them.</summary>
internal static class LayerWeights
{
    /// <summary>Looks at every weight and bias of a layer once, whatever their size, without keeping them.</summary>
    /// <exception cref="HaqException">They are of a type that is not quantized, infinite, or not numbers (HAQ0401).</exception>
    public static void Check(GraphView view, FoundLayer layer)
    {
        var weights = view.ConstantOf(layer.Weight)!;
        if (TensorData.TypeOf(weights) is var type && type != DataType.Float)
        {
            throw DiagnosticCatalog.UnsupportedWeights.Error(view.Model.Name,
                $"the weights of '{layer.Name}' are {ElementTypes.NameOf(type)}, expected float. Export the model in 32-bit floating point.");
        }

        CheckFinite(view, layer, weights, "weights");
        if (layer.Bias is { } bias && view.ConstantOf(bias) is { } added && TensorData.TypeOf(added) == DataType.Float) CheckFinite(view, layer, added, "bias");
    }

    private static void CheckFinite(GraphView view, FoundLayer layer, TensorProto tensor, string what)
    {
        long bad = FiniteValues.CountOthers(view, tensor);
        if (bad == 0) return;
        throw DiagnosticCatalog.UnsupportedWeights.Error(view.Model.Name,
            $"the {what} of '{layer.Name}' hold{(what == "bias" ? "s" : "")} {bad} value{(bad == 1 ? "" : "s")} that {(bad == 1 ? "is" : "are")} infinite or not a number. The training diverged or the file is damaged; export a sound network.");
    }
}
