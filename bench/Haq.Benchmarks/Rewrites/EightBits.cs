using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Quantization.Regions;
using Haq.Engine.Tests.Zoo;

namespace Haq.Benchmarks.Rewrites;

/// <summary>A network with everything in 8 bits that can be, as it is written for processors, with nothing rewritten on the way.</summary>
internal static class EightBits
{
    /// <summary>Null where it cannot be quantized: it is quantized already.</summary>
    public static OnnxModel? Of(OnnxModel network)
    {
        try
        {
            var model = QuantizableModel.Prepare(network, new PreparationOptions { Regions = true, Simplify = [], FoldBatchNorm = false });
            using var data = new RandomDataset(model.View, model.Shapes, 16, 3);
            var quantizer = new PostTrainingQuantizer(model, new Calibrator(model).Run(data));
            var regions = new RegionQuantizer(quantizer, model.Regions!, [.. model.Layers.Select(_ => new LayerBits(8, 8))]);
            return QdqExporter.Export(regions.Quantize(regions.Map.AllInteger), forProcessor: true);
        }
        catch (HaqException)
        {
            return null;
        }
    }
}
