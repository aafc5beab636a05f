namespace Haq.Engine.Quantization.Weights;

/// <summary>What a width of b bits means for weights.</summary>
public enum WeightSharing
{
    /// <summary>Integers of b bits with a scale per output channel.</summary>
    Linear,

    /// <summary>Indices of b bits into a codebook of 2^b values per tensor; activations stay in floating point (HAQ's model-size mode).</summary>
    KMeans,
}
