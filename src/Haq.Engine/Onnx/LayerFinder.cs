using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Onnx.Shapes;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Finds the layers whose bits can be chosen: convolutions and matrix products with constant weights.</summary>
public static class LayerFinder
{
    /// <summary>The layers of the graph in execution order, and every compute node that is left out with the reason.</summary>
    /// <param name="view">The graph.</param>
    /// <param name="shapes">The types of its tensors.</param>
    /// <param name="leave">Names of layers that stay in float; null for none.</param>
    /// <exception cref="HaqException">The shape of a layer is not known (HAQ0307), or a weight cannot be read (HAQ0304).</exception>
    public static LayerSurvey Find(GraphView view, ShapeTable shapes, Func<string, bool>? leave = null)
    {
        var layers = new List<FoundLayer>();
        var skipped = new List<SkippedNode>();
        var groups = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in view.Order)
        {
            if (SkipReasons.Of(view, node) is { } reason)
            {
                skipped.Add(reason);
            }
            else if (LayerParts.Of(view, node) is { } parts)
            {
                int index = layers.Count;
                if (LayerLoops.ShapeOf(view, shapes, parts) is not { } shape)
                {
                    skipped.Add(new SkippedNode(view.NameOf(node), node.OpType, "has an empty shape"));
                    continue;
                }
                // What stays in float reads the tensor as it is, whatever width others read it in.
                int group = index;
                bool left = leave?.Invoke(view.NameOf(node)) == true;
                if (!left && !groups.TryGetValue(parts.Input, out group)) groups[parts.Input] = group = index;
                layers.Add(new FoundLayer
                {
                    Layer = new QuantizableLayer(index, view.NameOf(node), shape, group),
                    Node = node,
                    Input = parts.Input,
                    Weight = parts.Weight,
                    WeightInput = parts.WeightInput,
                    WeightShape = [.. view.ConstantOf(parts.Weight)!.Dims],
                    OutputChannelAxis = parts.OutputChannelAxis,
                    Bias = parts.Bias,
                    Output = node.Output[0],
                    IsLeftInFloat = left,
                    Parameters = shape.Weights + (parts.Bias is { } bias && view.ConstantOf(bias) is { } constant ? TensorData.Count(constant) : 0),
                });
            }
            skipped.AddRange(SkipReasons.InBodies(view, node));
        }
        var consumers = new ConsumerFinder(view, layers);
        layers = layers.ConvertAll(l => l with { Layer = l.Layer with { Consumers = consumers.Of(l.Output) } });
        return new LayerSurvey(view.Model.Name, Shared(layers), [.. skipped], ExistingQuantization.In(view.Graph)) { Tables = [.. FoundTable.In(view)] };
    }

    private static ImmutableArray<FoundLayer> Shared(List<FoundLayer> layers)
    {
        var users = layers.GroupBy(l => l.Weight, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
        return [.. layers.Select(l => users[l.Weight].Length == 1 ? l : l with { SharesWeightWith = [.. users[l.Weight].Where(o => o != l).Select(o => o.Name)] })];
    }
}
