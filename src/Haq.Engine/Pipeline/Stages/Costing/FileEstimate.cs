using System.Collections.Immutable;
using Google.Protobuf;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Pipeline.Stages.Costing;

/// <summary>
/// Foretells the bytes of the exported file before any data is read, by exporting the network at a few widths for all: values do not change how large a file is, apart from scales
/// of channels that calibration may put in. What a width adds to the graph is shared out evenly among the layers. A build holds the file itself against the limit.
/// </summary>
internal static class FileEstimate
{
    /// <summary>Nodes, names and metadata that a quantized layer adds, and scales, zero points and the integer bias of an output channel, in bytes: for networks that are too large to try.</summary>
    private const int PerLayer = 1500, PerChannel = 10;

    /// <summary>A pair of nodes on a tensor between layers.</summary>
    private const int PerTensor = 500;

    private static readonly LayerBits s_eight = LayerBits.Uniform(Bitwidth.Eight);

    /// <summary>The sizes of a network's file.</summary>
    /// <param name="model">The network.</param>
    /// <param name="weights">How its weights are stored.</param>
    /// <param name="widths">The widths that weights may get.</param>
    public static FileSizes Of(QuantizableModel model, WeightOptions weights, IEnumerable<Bitwidth> widths)
    {
        ImmutableArray<long> counts = [.. model.Items.Select(i => i.Shape.IsTensor ? 0 : i.Shape.Weights)];
        if (model.Float.IsHuge) return ByRule(model, counts);
        var quantizer = new PostTrainingQuantizer(model, AnyRanges(model), weights with { Range = WeightRange.Max, SecondOrder = false });
        long eight = Exported(s_eight), stored = counts.Sum();
        int layers = Math.Max(1, counts.Count(c => c > 0));
        var beside = widths.Select(FileSizes.Container).Distinct().Where(c => c != 8)
            .ToImmutableDictionary(c => c, c => (Exported(s_eight with { Weights = new Bitwidth(c) }) - eight - stored * (c - 8)) / layers);
        return new FileSizes(eight - 8 * stored, counts)
        {
            Beside = beside,
            Narrowing = (Exported(s_eight with { Activations = new Bitwidth(7) }) - eight) / Math.Max(1, counts.Length),
        };

        // In float a layer reads what it is given; there is no integer to keep narrow.
        long Exported(LayerBits bits) => 8L * QdqExporter.Export(quantizer.Quantize(Policy.Uniform(counts.Length, bits.Weights.IsQuantized() ? bits : LayerBits.Float))).Proto.CalculateSize();
    }

    private static FileSizes ByRule(QuantizableModel model, ImmutableArray<long> counts)
    {
        var weights = model.Layers.Select(l => l.Weight).ToHashSet(StringComparer.Ordinal);
        long stored = model.Float.Graph.Initializer.Where(t => weights.Contains(t.Name)).Sum(t => (long)t.CalculateSize());
        long added = model.Layers.Sum(l => PerLayer + PerChannel * (long)l.Layer.Shape.Out) + PerTensor * (long)Math.Max(model.Tensors.Length, model.Junctions.Length);
        return new FileSizes(8 * (model.Float.Proto.CalculateSize() - stored + added), counts);
    }

    private static CalibrationTable AnyRanges(QuantizableModel model)
    {
        var histogram = new StreamedHistogram();
        histogram.Add([-1, 0, 1]);
        return new CalibrationTable(new Calibrator(model).ActivationTensors().ToDictionary(t => t, _ => histogram, StringComparer.Ordinal), samples: 1);
    }
}
