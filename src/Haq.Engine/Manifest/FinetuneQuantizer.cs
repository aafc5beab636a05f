namespace Haq.Engine.Manifest;

/// <summary>How gradients pass a quantizer.</summary>
public enum FinetuneQuantizer
{
    /// <summary>Learned steps (Esser et al., 2020).</summary>
    Lsq,

    /// <summary>Straight through, steps fixed.</summary>
    Ste,

    /// <summary>Learned clipping (Choi et al., 2018).</summary>
    Pact,
}
