namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>What a probe reads off a measured score as damage.</summary>
public enum ProbeDamage
{
    /// <summary>The loss: KL divergence from the float model's output in nats, or relative noise where the output is no distribution.</summary>
    Loss,

    /// <summary>The power of the quantization noise in the output relative to the signal's, 10^(−SQNR / 10): additive, where decibels are not.</summary>
    RelativeNoise,
}
