using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Quantization.Preparation;

namespace Haq.Engine.Quantization.Smoothing;

/// <summary>A tensor that only its layers' weights decide the meaning of: the layers, where its channels are, and the layer before it that can take the factors in.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Readers">The layers that read it.</param>
/// <param name="Axis">Its channels' axis.</param>
/// <param name="Channels">Their number.</param>
/// <param name="Producer">The layer whose output channels can be divided instead; null where the tensor itself must be.</param>
/// <param name="IsFused">It comes straight from a layer and only layers read it, so that ONNX Runtime makes it in integers.</param>
internal sealed record SmoothingSite(string Tensor, ImmutableArray<FoundLayer> Readers, int Axis, int Channels, EqualizedLayer? Producer, bool IsFused)
{
    /// <summary>Every tensor of a model that has channels and is read by layers that can take factors in; the others' factors would have nowhere to go.</summary>
    public static IEnumerable<SmoothingSite> Find(GraphView view, ShapeTable shapes, IEnumerable<FoundLayer> layers)
    {
        foreach (var readers in layers.GroupBy(l => l.Input, StringComparer.Ordinal))
        {
            if (!shapes.TryGet(readers.Key, out var type) || type.Rank < 2) continue;
            bool conv = readers.First().Node.Is(OpNames.Conv);
            int axis = conv ? 1 : type.Rank - 1;
            if (readers.Any(r => r.Node.Is(OpNames.Conv) != conv) || type.Shape[axis] is not (> 1 and var channels)) continue;
            ImmutableArray<FoundLayer> layersOf = [.. readers];
            yield return new SmoothingSite(readers.Key, layersOf, axis, checked((int)channels),
                ProducerOf(view, readers.Key, layersOf, (int)channels, conv), IsMadeInIntegers(view, readers.Key, layersOf));
        }
    }

    /// <summary>The layer behind activations with f(s·x) = s·f(x), where nobody but the readers sees what is between.</summary>
    private static EqualizedLayer? ProducerOf(GraphView view, string tensor, ImmutableArray<FoundLayer> readers, int channels, bool areConvolutions)
    {
        if (!OnlyLayersRead(view, tensor, readers)) return null;
        while (!view.IsOutput(tensor) && view.ProducerOf(tensor) is { } producer && !producer.Bodies().Any())
        {
            if (EqualizedLayer.Of(view, producer) is { } layer) return layer.Outputs == channels && producer.Is(OpNames.Conv) == areConvolutions ? layer : null;
            if (!EqualizedPair.IsHomogeneous(view, producer) || producer.Output.Count(o => o.Length > 0) != 1 || producer.Output[0] != tensor) return null;
            tensor = producer.InputAt(0);
            if (view.ConsumersOf(tensor).Count != 1) return null;
        }
        return null;
    }

    private static bool OnlyLayersRead(GraphView view, string tensor, ImmutableArray<FoundLayer> readers) =>
        !view.IsOutput(tensor) && view.ConsumersOf(tensor) is var consumers && consumers.Count == readers.Length && consumers.All(c => readers.Any(r => r.Output == c.Output[0]));

    private static bool IsMadeInIntegers(GraphView view, string tensor, ImmutableArray<FoundLayer> readers)
    {
        if (!OnlyLayersRead(view, tensor, readers) || view.ProducerOf(tensor) is not { } producer) return false;
        if (producer.Is(OpNames.Relu) || producer.Is(OpNames.Clip)) producer = view.ProducerOf(producer.InputAt(0));
        return producer is not null && (producer.Is(OpNames.Conv) || producer.Is(OpNames.Gemm) || producer.Is(OpNames.MatMul));
    }
}
