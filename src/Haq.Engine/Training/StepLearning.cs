namespace Haq.Engine.Training;

/// <summary>What training does to the quantizers' steps.</summary>
public enum StepLearning
{
    /// <summary>Learned: LSQ (Esser et al., ICLR 2020), with its gradient scale 1/√(n·q_max).</summary>
    Lsq,

    /// <summary>Weights keep their steps; activations learn the clipping point only, as in PACT (Choi et al. 2018).</summary>
    Clipping,

    /// <summary>Steps stay as calibrated; gradients pass the rounding straight through.</summary>
    Fixed,
}
