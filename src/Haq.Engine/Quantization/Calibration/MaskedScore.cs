namespace Haq.Engine.Quantization.Calibration;

/// <summary>Scores of attention that a mask has taken out of a softmax.</summary>
internal static class MaskedScore
{
    /// <summary>Values of masks say the same from here on: a softmax turns what lies so far below its greatest input into nothing.</summary>
    public const float Floor = -512;
}
