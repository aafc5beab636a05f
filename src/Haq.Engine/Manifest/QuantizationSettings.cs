using System.Collections.Immutable;
using Haq.Engine.Quantization.Calibration;

namespace Haq.Engine.Manifest;

/// <summary>The steps of post-training quantization.</summary>
public sealed record QuantizationSettings
{
    /// <summary>How activation ranges are chosen; null: per tensor, whichever way hurts least.</summary>
    public required RangeMethod? Ranges { get; init; }

    /// <summary>The share of values, in percent, that fits under <see cref="RangeMethod.Percentile"/>.</summary>
    public required double Percentile { get; init; }

    /// <summary>One weight scale per output channel.</summary>
    public required bool PerChannel { get; init; }

    /// <summary>Batch normalization becomes part of the layer before it.</summary>
    public required bool FoldBatchNorm { get; init; }

    /// <summary>Cross-layer equalization.</summary>
    public required bool Equalize { get; init; }

    /// <summary>The mean error of each layer's output is taken off its bias.</summary>
    public required bool BiasCorrection { get; init; }

    /// <summary>How weights are rounded.</summary>
    public required RoundingMethod Rounding { get; init; }

    /// <summary>What a width means for weights.</summary>
    public required WeightCoding Weights { get; init; }

    /// <summary>What sums, concatenations and averages between layers compute with.</summary>
    public JunctionMode Junctions { get; init; }

    /// <summary>The channels of activations are evened out before they are quantized.</summary>
    public bool Smooth { get; init; } = true;

    /// <summary>The rewritings of what ONNX Runtime computes slower than it has to, by name; null where the hardware decides.</summary>
    public ImmutableArray<string>? Simplify { get; init; }

    /// <summary>Tables that rows are looked up in are stored in 8 bits.</summary>
    public bool Embeddings { get; init; } = true;

    /// <summary>Weights of matrix products that share a scale, for widths up to 4; 0: all of an output channel's.</summary>
    public int Block { get; init; }
}
