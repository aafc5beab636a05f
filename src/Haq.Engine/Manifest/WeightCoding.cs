namespace Haq.Engine.Manifest;

/// <summary>What a width of b bits means for weights.</summary>
public enum WeightCoding
{
    /// <summary>Integers of b bits.</summary>
    Linear,

    /// <summary>Indices into 2^b shared values per layer; activations stay in floating point.</summary>
    Kmeans,
}
