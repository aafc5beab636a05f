using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Preparation;

/// <summary>
/// Folds what scales and shifts a layer's output channel by channel (batch normalization, and multiplication, division, addition or subtraction of constants)
/// into the layer's weights and bias. The outputs stay the same but for float32 rounding.
/// </summary>
public static class BatchNormFolding
{
    /// <summary>Folds all there is in <paramref name="model"/>, in place, and returns the names of the nodes that are gone.</summary>
    public static IReadOnlyList<string> Apply(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        NodeNames.Assign(model.Graph);
        var folded = new List<string>();
        // A chain (convolution, multiplication, addition) folds link by link.
        while (FoldOnce(model, folded))
        {
        }
        return folded;
    }

    private static bool FoldOnce(OnnxModel model, List<string> folded)
    {
        var view = new GraphView(model);
        var patch = new GraphPatch(model, "fold batch normalization");
        bool any = false;
        foreach (var layer in view.Order)
        {
            if (FoldableLayer.Of(view, layer) is not { } foldable) continue;
            string output = layer.Output[0];
            if (view.IsOutput(output) || view.ConsumersOf(output) is not [var next] || next.Output.Count != 1) continue;
            if (ChannelAffine.Of(view, next, output, foldable) is not { } affine) continue;
            foldable.Fold(patch, affine);
            Bypass(view, patch, layer, next);
            folded.Add(view.NameOf(next));
            any = true;
        }
        if (any) patch.Apply();
        return any;
    }

    /// <summary>Removes <paramref name="next"/>; its readers read the layer. A graph's output keeps its name, so there the layer takes it over.</summary>
    private static void Bypass(GraphView view, GraphPatch patch, NodeProto layer, NodeProto next)
    {
        patch.Remove(next);
        if (view.IsOutput(next.Output[0])) patch.Write(layer, layer.Output[0], next.Output[0]);
        else patch.Rewire(next.Output[0], layer.Output[0]);
    }
}
