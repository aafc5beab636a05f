namespace Haq.Engine.Quantization.Smoothing;

/// <summary>How a tensor's channels would be evened out and what that gains.</summary>
/// <param name="Factors">What they are divided by.</param>
/// <param name="Offsets">What is subtracted first; empty for nothing.</param>
/// <param name="Before">Noise of the layers' outputs without it, relative to their variance.</param>
/// <param name="After">The same with it.</param>
internal sealed record SmoothingChoice(double[] Factors, double[] Offsets, double Before, double After);
