using Haq.Engine.Layers;

namespace Haq.Engine.Quantization;

/// <summary>Which widths are integers at all.</summary>
public static class QuantizedWidths
{
    /// <summary>The widest integer that is stored, in bits. Anything wider stays in floating point, as the activations of HAQ's k-means mode do.</summary>
    public const int Max = 16;

    /// <summary>Values of this width are integers; wider ones stay in floating point.</summary>
    public static bool IsQuantized(this Bitwidth bits) => bits.Bits <= Max;
}
