namespace Haq.Engine.Hardware;

/// <summary>What holds a layer up: the largest of its terms.</summary>
public enum Bound
{
    /// <summary>The multiply-accumulates.</summary>
    Compute,

    /// <summary>Fetching weights.</summary>
    WeightFetch,

    /// <summary>Fetching input activations.</summary>
    ActivationFetch,

    /// <summary>Writing the output.</summary>
    OutputWrite,
}
