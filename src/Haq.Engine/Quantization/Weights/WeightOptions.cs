namespace Haq.Engine.Quantization.Weights;

/// <summary>How weights are quantized.</summary>
public sealed record WeightOptions
{
    /// <summary>How each channel's clipping point is chosen.</summary>
    public WeightRange Range { get; init; } = WeightRange.Mse;

    /// <summary>A scale for every output channel; otherwise one for the whole tensor.</summary>
    public bool PerChannel { get; init; } = true;

    /// <summary>Scales are powers of two; needs one scale for the whole tensor.</summary>
    public bool PowerOfTwo { get; init; }

    /// <summary>Round by the second moments of the layer's input, where calibration gathered them; otherwise to the nearest.</summary>
    public bool SecondOrder { get; init; } = true;

    /// <summary>
    /// Improve 8-bit weights that were rounded by second moments until nothing helps; otherwise one pass over each channel does. With thousands of channels of a thousand weights
    /// improving takes minutes. Narrower weights are always improved.
    /// </summary>
    public bool Improve { get; init; } = true;

    /// <summary>Let the bias make up for the mean change of each output channel.</summary>
    public bool CorrectBias { get; init; } = true;

    /// <summary>What a width of b bits means for weights.</summary>
    public WeightSharing Sharing { get; init; } = WeightSharing.Linear;

    /// <summary>Decides about the starts of k-means.</summary>
    public ulong Seed { get; init; }

    /// <summary>Weights of up to 4 bits of matrix products get a scale for so many of a channel's weights; 0: one for all of them.</summary>
    public int Block { get; init; }

    /// <summary>Give channels a coarser scale where products of two neighbouring 8-bit weights with 8-bit activations would saturate on processors without VNNI.</summary>
    public bool LimitPairs { get; init; } = true;

    /// <summary>Store the tables that rows are looked up in (embeddings) in 8 bits.</summary>
    public bool Tables { get; init; } = true;

    /// <summary>HAQ's own way: nothing but the greatest magnitude and the nearest integer.</summary>
    public static WeightOptions Plain { get; } = new() { Range = WeightRange.Max, SecondOrder = false, CorrectBias = false, LimitPairs = false };
}
