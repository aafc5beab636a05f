using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>
/// What it costs to bring tensors to another width: those that are joined, where one has another width than what it is joined to, and on targets that price it those that a layer reads in
/// another width than the layer before computes in.
/// </summary>
internal static class Converts
{
    /// <summary>The edges of a network on a target; null where no change of width costs anything.</summary>
    public static WidthEdges? Of(HardwareTarget target, IReadOnlyList<QuantizableLayer> items, int batch)
    {
        return WidthEdges.Of(Joined().Concat(target.Model.ConvertsBetweenLayers ? Read() : []));

        IEnumerable<WidthEdges.Edge> Joined() =>
            from item in items
            from joined in item.Joined
            select Edge(joined, item.Index, items[joined].Shape.In);

        // Layers that read one tensor share its width: it is changed once.
        IEnumerable<WidthEdges.Edge> Read() =>
            from item in items
            from reader in item.Consumers.DistinctBy(c => items[c].ActivationGroup)
            select Edge(item.Index, reader, items[reader].Shape.IsTensor ? items[reader].Shape.In : items[reader].Shape.InputElements);

        WidthEdges.Edge Edge(int from, int to, long elements) =>
            WidthEdges.Edge.Of(from, to, (a, b) => a == b ? default : target.Model.PriceConvert(new TensorWork(elements, a, 1, batch), b));
    }
}
