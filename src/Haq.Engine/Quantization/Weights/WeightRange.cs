namespace Haq.Engine.Quantization.Weights;

/// <summary>How the clipping point of each channel's weights is chosen.</summary>
public enum WeightRange
{
    /// <summary>The least squared error.</summary>
    Mse,

    /// <summary>The greatest magnitude: nothing is clipped.</summary>
    Max,
}
