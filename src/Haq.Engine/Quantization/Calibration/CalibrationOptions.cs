namespace Haq.Engine.Quantization.Calibration;

/// <summary>How a model is calibrated.</summary>
public sealed record CalibrationOptions
{
    /// <summary>How ranges are chosen.</summary>
    public RangeMethod Method { get; init; } = RangeMethod.Mse;

    /// <summary>Samples per run, unless the model fixes them; less where the layers' inputs would not fit <see cref="ActivationMemory"/>.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>How many bytes of activations may be in memory at once; a single sample's are always allowed in parts.</summary>
    public long ActivationMemory { get; init; } = 128L << 20;

    /// <summary>Gather second moments of what layers read, for rounding weights by them and correcting biases.</summary>
    public bool Moments { get; init; } = true;

    /// <summary>How many bytes of second moments are gathered; layers with the longest vectors go without first.</summary>
    public long MomentMemory { get; init; } = 300L << 20;
}
