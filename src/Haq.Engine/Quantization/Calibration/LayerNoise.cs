namespace Haq.Engine.Quantization.Calibration;

/// <summary>What quantizing a single layer does to its output: sums of squares over all samples.</summary>
/// <param name="Signal">Of the float layer's output.</param>
/// <param name="Noise">Of the difference.</param>
public readonly record struct LayerNoise(double Signal, double Noise)
{
    /// <summary>Signal to quantization-noise ratio in decibels; null without noise or signal.</summary>
    public double? Decibels => Noise > 0 && Signal > 0 ? 10 * Math.Log10(Signal / Noise) : null;

    /// <summary>Noise as a share of the signal's power; 0 without signal.</summary>
    public double Share => Signal > 0 ? Noise / Signal : 0;

    /// <summary>Both added up.</summary>
    public static LayerNoise operator +(LayerNoise a, LayerNoise b) => new(a.Signal + b.Signal, a.Noise + b.Noise);
}
