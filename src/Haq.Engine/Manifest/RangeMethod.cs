namespace Haq.Engine.Manifest;

/// <summary>How the range of a tensor is chosen.</summary>
public enum RangeMethod
{
    /// <summary>Per tensor, whichever of the others hurts least.</summary>
    Auto,

    /// <summary>All values fit.</summary>
    Max,

    /// <summary>Smallest squared error.</summary>
    Mse,

    /// <summary>Smallest divergence between the original and the quantized distribution.</summary>
    Kl,

    /// <summary>All but a share of the values fit.</summary>
    Percentile,
}
