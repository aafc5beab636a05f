namespace Haq.Engine.Training;

/// <summary>How gradients pass the quantizers, and what training does to their scales.</summary>
public enum ScaleLearning
{
    /// <summary>Learned: LSQ (Esser et al., ICLR 2020), with its gradient scale 1/√(n·q_max).</summary>
    Lsq,

    /// <summary>Straight through the rounding; scales stay as calibrated.</summary>
    Ste,

    /// <summary>Weights keep their scales; activations learn the clipping point only, as in PACT (Choi et al. 2018).</summary>
    Pact,
}
