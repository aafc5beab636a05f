namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>How far an output is from another model's.</summary>
/// <param name="Output">Its name.</param>
/// <param name="Power">Noise over signal, in power.</param>
internal readonly record struct OutputNoise(string Output, double Power)
{
    /// <summary>The same as a signal-to-noise ratio.</summary>
    public double Decibels => -10 * Math.Log10(Power);
}
