namespace Haq.Engine.Quantization.Calibration;

/// <summary>How the range of a tensor's quantizer is chosen.</summary>
public enum RangeMethod
{
    /// <summary>The least mean squared rounding and clipping error.</summary>
    Mse,

    /// <summary>Nothing is clipped.</summary>
    Max,

    /// <summary>All but a share of the outermost values are kept: 0.01 % unless said otherwise.</summary>
    Percentile,

    /// <summary>The least Kullback-Leibler divergence between the distributions before and after (HAQ's choice up to 4 bits; TensorRT's algorithm).</summary>
    Kl,
}
