using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>What it costs to bring tensors to one width where they are joined: a pass over each that has another width than what they are joined to.</summary>
internal static class Converts
{
    /// <summary>The edges of a network on a target; null where no change of width costs anything.</summary>
    public static WidthEdges? Of(HardwareTarget target, IReadOnlyList<QuantizableLayer> items, int batch) => WidthEdges.Of(
        from item in items
        from joined in item.Joined
        select WidthEdges.Edge.Of(joined, item.Index, (a, b) => a == b ? default : target.Model.PriceConvert(new TensorWork(items[joined].Shape.In, a, 1, batch), b)));
}
