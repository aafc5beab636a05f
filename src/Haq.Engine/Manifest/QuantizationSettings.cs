using Haq.Engine.Quantization.Calibration;

namespace Haq.Engine.Manifest;

/// <summary>The steps of post-training quantization.</summary>
/// <param name="Ranges">How activation ranges are chosen; null: per tensor, whichever way hurts least.</param>
/// <param name="Percentile">The share of values, in percent, that fits under <see cref="RangeMethod.Percentile"/>.</param>
/// <param name="PerChannel">One weight scale per output channel.</param>
/// <param name="FoldBatchNorm">Batch normalization becomes part of the layer before it.</param>
/// <param name="Equalize">Cross-layer equalization.</param>
/// <param name="BiasCorrection">The mean error of each layer's output is taken off its bias.</param>
/// <param name="Rounding">How weights are rounded.</param>
/// <param name="Weights">What a width means for weights.</param>
public sealed record QuantizationSettings(
    RangeMethod? Ranges, double Percentile, bool PerChannel, bool FoldBatchNorm, bool Equalize, bool BiasCorrection, RoundingMethod Rounding, WeightCoding Weights)
{
    /// <summary>What sums, concatenations and averages between layers compute with.</summary>
    public JunctionMode Junctions { get; init; }

    /// <summary>The channels of activations are evened out before they are quantized.</summary>
    public bool Smooth { get; init; } = true;

    /// <summary>What ONNX Runtime computes slower than it has to is rewritten; null where the hardware decides.</summary>
    public bool? Simplify { get; init; }

    /// <summary>Tables that rows are looked up in are stored in 8 bits.</summary>
    public bool Embeddings { get; init; } = true;

    /// <summary>Weights of matrix products that share a step, for widths up to 4; 0: all of an output channel's.</summary>
    public int Block { get; init; }
}
