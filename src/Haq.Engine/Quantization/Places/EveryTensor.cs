using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Onnx;

namespace Haq.Engine.Quantization.Places;

/// <summary>Finds the tensors of a network for a target that has a pair behind every node: all reals that are computed, but for those that an activation function takes up.</summary>
internal static class EveryTensor
{
    /// <summary>The tensors in the order of the graph, with the readers that are no layers.</summary>
    /// <param name="view">The graph.</param>
    /// <param name="shapes">Its types.</param>
    /// <param name="layers">The layers: what they read has a pair of theirs.</param>
    /// <param name="fused">Activation functions that share the pair of the node before.</param>
    public static ImmutableArray<Junction> Find(GraphView view, ShapeTable shapes, ImmutableArray<FoundLayer> layers, IReadOnlySet<string> fused)
    {
        var own = layers.Where(l => !l.IsLeftInFloat).Select(l => (l.Node.Name, 1 - l.WeightInput)).ToHashSet();
        var found = ImmutableArray.CreateBuilder<Junction>();
        foreach (string tensor in view.Inputs.Select(i => i.Name).Concat(view.Order.Where(IsComputed).SelectMany(n => n.Output)))
        {
            if (!IsReal(tensor) || TakenUp(tensor)) continue;
            ImmutableArray<(string Node, int Input)> readers =
            [
                .. view.ConsumersOf(tensor).Where(IsComputed).SelectMany(c =>
                    c.Input.Select((name, i) => (name, i)).Where(x => x.name == tensor).Select(x => (c.Name, x.i))).Where(r => !own.Contains(r)),
            ];
            bool isOutput = view.IsOutput(tensor) && view.ProducerOf(tensor) is not null;
            if (isOutput || readers.Length > 0) found.Add(new Junction(tensor, readers) { IsOutput = isOutput });
        }
        return found.ToImmutable();

        bool IsReal(string tensor) => tensor.Length > 0 && view.ConstantOf(tensor) is null && shapes.TryGet(tensor, out var type) && type.Type == DataType.Float;

        bool IsComputed(NodeProto node) => !ExistingQuantization.IsQuantizeDequantize(node) && !node.Is(OpNames.Constant);

        bool TakenUp(string tensor) => view.ProducerOf(tensor) is { } maker && !OpFamilies.IsMove(maker) && !view.IsOutput(tensor)
            && view.ConsumersOf(tensor) is [var only] && OpNames.IsStandard(only.Domain) && fused.Contains(only.OpType);
    }

    /// <summary>The tensor whose numbers a tensor holds: behind operators that only move them.</summary>
    public static string RootOf(GraphView view, string tensor)
    {
        while (view.ProducerOf(tensor) is { } maker && OpFamilies.IsMove(maker) && maker.InputAt(0).Length > 0 && view.ConstantOf(maker.InputAt(0)) is null) tensor = maker.InputAt(0);
        return tensor;
    }
}
