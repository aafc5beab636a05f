namespace Haq.Engine.Hardware;

/// <summary>What holds a layer up: the largest of its <see cref="CostTerms"/>.</summary>
public enum Bound
{
    /// <summary>The multiply-accumulates.</summary>
    Compute,

    /// <summary>Fetching weights.</summary>
    WeightFetch,

    /// <summary>Fetching input activations.</summary>
    ActivationFetch,

    /// <summary>Writing the output (and reading back partial sums).</summary>
    OutputWrite,

    /// <summary>The figure was measured as a whole; its parts are not known.</summary>
    Unknown,
}
