namespace Haq.Engine.Quantization;

/// <summary>What grids of activations look like.</summary>
/// <param name="IsSymmetric">Signed integers of zero point 0; otherwise unsigned ones with a zero point.</param>
/// <param name="PowerOfTwo">Scales are powers of two.</param>
public readonly record struct GridForm(bool IsSymmetric, bool PowerOfTwo)
{
    /// <summary>Grids of this form are chosen apart: the usual search knows unsigned ones of any scale.</summary>
    public bool IsUsual => !IsSymmetric && !PowerOfTwo;
}
