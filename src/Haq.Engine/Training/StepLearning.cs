namespace Haq.Engine.Training;

/// <summary>How gradients pass the quantizers, and what training does to their steps.</summary>
public enum StepLearning
{
    /// <summary>Learned: LSQ (Esser et al., ICLR 2020), with its gradient scale 1/√(n·q_max).</summary>
    Lsq,

    /// <summary>Straight through the rounding; steps stay as calibrated.</summary>
    Ste,

    /// <summary>Weights keep their steps; activations learn the clipping point only, as in PACT (Choi et al. 2018).</summary>
    Pact,
}
