using Google.Protobuf;
using Haq.Engine.Hardware;
using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline.Stages.Costing;

/// <summary>
/// Foretells the bytes of the exported file before anything is exported: the prepared model without its layers' weights, and what quantizing adds to the graph. The graph's part is as seen on exported
/// networks, on the large side; a build holds the file itself against the limit.
/// </summary>
internal static class FileEstimate
{
    /// <summary>Nodes, names and metadata that a quantized layer adds, and scales, zero points and the integer bias that one of its output channels adds, in bytes.</summary>
    private const int PerLayer = 1500, PerChannel = 10;

    /// <summary>A pair of nodes on a tensor between layers.</summary>
    private const int PerTensor = 500;

    public static FileSizes Of(QuantizableModel model)
    {
        var weights = model.Layers.Select(l => l.Weight).ToHashSet(StringComparer.Ordinal);
        long stored = model.Float.Graph.Initializer.Where(t => weights.Contains(t.Name)).Sum(t => (long)t.CalculateSize());
        long added = model.Layers.Sum(l => PerLayer + PerChannel * (long)l.Layer.Shape.Out) + PerTensor * (long)Math.Max(model.Tensors.Length, model.Junctions.Length);
        return new FileSizes(8 * (model.Float.Proto.CalculateSize() - stored + added), [.. model.Items.Select(i => i.Shape.Weights)]);
    }
}
