using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;

namespace Haq.Engine.Quantization.Importing;

/// <summary>Grids of other tools as quantizers, and in the form that a target asks for.</summary>
internal static class ImportedGrids
{
    /// <summary>
    /// The quantizer of an activation's pair, in unsigned integers, which mean the same; null for scales that are computed or one a channel, and for types that
    /// are no integers of up to 16 bits.
    /// </summary>
    public static Quantizer? QuantizerOf(TensorGrid grid)
    {
        if (!ElementTypes.IsInteger(grid.Type) || grid.Bits > QuantizedWidths.Max || grid.Block > 0) return null;
        if (grid is not { Scales: [var scale], ZeroPoints: [var zero] } || !(scale > 0) || !float.IsFinite(scale)) return null;
        return new Quantizer(scale, (int)(zero - ElementTypes.IntegerRange(grid.Type).Min), IntegerRange.Unsigned(new Bitwidth(grid.Bits)));
    }

    /// <summary>The grid of another width over the same range. A 16-bit grid holds the 8-bit one.</summary>
    public static Quantizer AtWidth(Quantizer quantizer, Bitwidth bits)
    {
        int from = quantizer.Bits;
        if (from == bits.Bits) return quantizer;
        var range = IntegerRange.Unsigned(bits);
        return bits.Bits > from
            ? new Quantizer(MathF.ScaleB(quantizer.Scale, from - bits.Bits), quantizer.ZeroPoint << (bits.Bits - from), range)
            : Grid.Spanning(quantizer.Lowest, quantizer.Highest, range);
    }

    /// <summary>The grid in a target's form: the same where it has that form, otherwise the finest one of the form that reaches as far as the tensor can.</summary>
    /// <param name="quantizer">The grid.</param>
    /// <param name="form">The form.</param>
    /// <param name="low">What the tensor is never below.</param>
    /// <param name="high">What it is never above.</param>
    public static Quantizer InForm(Quantizer quantizer, GridForm form, float low = float.NegativeInfinity, float high = float.PositiveInfinity)
    {
        if (form.IsUsual) return quantizer;
        bool isPower = !form.PowerOfTwo || IsPowerOfTwo(quantizer.Scale);
        if (!form.IsSymmetric)
            return isPower ? quantizer : Grid.WithScale(PowersOfTwo.AtLeast(quantizer.Scale), quantizer.Lowest, quantizer.Range);
        var range = IntegerRange.Signed(quantizer.Bits);
        if (quantizer.ZeroPoint == -range.Min && isPower) return new Quantizer(quantizer.Scale, 0, range);
        float scale = Math.Max(Math.Max(low, quantizer.Lowest) / range.Min, Math.Min(high, quantizer.Highest) / range.Max);
        // A tensor that is always zero.
        if (!(scale > 0)) scale = quantizer.Scale;
        return new Quantizer(form.PowerOfTwo && !IsPowerOfTwo(scale) ? PowersOfTwo.AtLeast(scale) : scale, 0, range);
    }

    /// <summary>Zero points of weights are where symmetric integers have theirs.</summary>
    public static bool IsSymmetric(TensorGrid grid)
    {
        var (min, max) = ElementTypes.IntegerRange(grid.Type);
        return !grid.ZeroPoints.IsEmpty && grid.ZeroPointOtherThan(min == 0 ? (max + 1) / 2 : 0) is null;
    }

    private static bool IsPowerOfTwo(float scale) => float.IsNormal(scale) && (BitConverter.SingleToInt32Bits(scale) & 0x7FFFFF) == 0;
}
