using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Places;

namespace Haq.Engine.Quantization.Tensors;

/// <summary>Gives the tensors between layers their numbers under a policy, which holds their widths behind those of the layers.</summary>
internal sealed class TensorQuantizer(QuantizableModel model, CalibrationTable calibration)
{
    /// <summary>The quantized tensors; those in floating point, and all that a policy of layers alone does not name, are left out.</summary>
    public ImmutableArray<QuantizedJunction> Quantize(Policy policy)
    {
        var junctions = ImmutableArray.CreateBuilder<QuantizedJunction>();
        for (int t = 0; t < model.Tensors.Length && model.Layers.Length + t < policy.Count; t++)
        {
            var width = policy[model.Layers.Length + t].Activations;
            var item = model.Tensors[t];
            // No grid reaches infinity.
            if (!width.IsQuantized() || calibration.HistogramOf(item.Junction.Tensor).NonFinite > 0) continue;
            junctions.Add(new QuantizedJunction(item.Junction, For(item, width)));
        }
        return junctions.ToImmutable();
    }

    /// <summary>The quantizer of a tensor at a width.</summary>
    public Quantizer For(TensorItem item, Bitwidth width)
    {
        string tensor = item.Junction.Tensor;
        if (item.Softmax is { } sum && calibration.Tensors.Contains(sum)
            && SoftmaxReach.QuantizerOf(calibration.HistogramOf(tensor), calibration.HistogramOf(sum), IntegerRange.Unsigned(width)) is { } masked)
        {
            return masked;
        }

        return ExistingGrid.Of(model.View, tensor, width) ?? SoftmaxGrid.Of(model.View, tensor, calibration.For(tensor, width));
    }
}
