using System.Numerics;
using System.Runtime.InteropServices;

namespace Haq.Engine.Quantization;

/// <summary>
/// Uniform affine quantization in float32, number for number what ONNX's QuantizeLinear and DequantizeLinear compute:
/// q = clamp(round(x / scale) + zero point), rounding halves to even, and back x = (q − zero point) · scale.
/// </summary>
public readonly record struct Quantizer
{
    /// <summary>A quantizer with a scale of <paramref name="scale"/>.</summary>
    /// <exception cref="ArgumentException">The scale is not positive and finite, or zero is not in the range.</exception>
    public Quantizer(float scale, int zeroPoint, IntegerRange range)
    {
        if (!(scale > 0) || !float.IsFinite(scale)) throw new ArgumentException($"the scale must be positive and finite, is {scale}", nameof(scale));
        if (zeroPoint < range.Min || zeroPoint > range.Max) throw new ArgumentException($"the zero point {zeroPoint} is not in {range}", nameof(zeroPoint));
        (Scale, ZeroPoint, Range) = (scale, zeroPoint, range);
    }

    /// <summary>The distance between neighbouring values.</summary>
    public float Scale { get; }

    /// <summary>The integer that stands for zero, which is therefore always exact.</summary>
    public int ZeroPoint { get; }

    /// <summary>The integers in use.</summary>
    public IntegerRange Range { get; }

    /// <summary>The width of its integers.</summary>
    public Layers.Bitwidth Bits => new(System.Numerics.BitOperations.Log2((uint)Range.Levels - 1) + 1);

    /// <summary>The least value that can be told apart; smaller ones become it.</summary>
    public float Lowest => Dequantize(Range.Min);

    /// <summary>The greatest value that can be told apart; greater ones become it.</summary>
    public float Highest => Dequantize(Range.Max);

    /// <summary>The integer for <paramref name="value"/>.</summary>
    public int Quantize(float value)
    {
        float rounded = MathF.Round(value / Scale, MidpointRounding.ToEven);
        return (int)Math.Clamp(rounded, Range.Min - ZeroPoint, Range.Max - ZeroPoint) + ZeroPoint;
    }

    /// <summary>The value of the integer <paramref name="q"/>.</summary>
    public float Dequantize(int q) => (q - ZeroPoint) * Scale;

    /// <summary>The value that is left of <paramref name="value"/> after quantization.</summary>
    public float Round(float value) => Dequantize(Quantize(value));

    /// <summary>Replaces every value by what quantization leaves of it.</summary>
    public void RoundAll(Span<float> values)
    {
        float low = Range.Min - ZeroPoint, high = Range.Max - ZeroPoint;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var scale = new Vector<float>(Scale);
        var min = new Vector<float>(low);
        var max = new Vector<float>(high);
        foreach (ref var v in vectors) v = Vector.Min(Vector.Max(Vector.Round(v / scale), min), max) * scale;
        foreach (ref float x in values[(vectors.Length * Vector<float>.Count)..]) x = Math.Clamp(MathF.Round(x / Scale), low, high) * Scale;
    }

    /// <summary>What quantization changes of every value: the difference of <see cref="RoundAll"/> and the values, to the bit.</summary>
    /// <param name="values">The values.</param>
    /// <param name="errors">As many.</param>
    public void Errors(ReadOnlySpan<float> values, Span<float> errors)
    {
        if (errors.Length != values.Length) throw new ArgumentException("expected room for as many errors as there are values", nameof(errors));
        float low = Range.Min - ZeroPoint, high = Range.Max - ZeroPoint;
        var from = MemoryMarshal.Cast<float, Vector<float>>(values);
        var to = MemoryMarshal.Cast<float, Vector<float>>(errors);
        var (scale, min, max) = (new Vector<float>(Scale), new Vector<float>(low), new Vector<float>(high));
        for (int i = 0; i < from.Length; i++) to[i] = Vector.Min(Vector.Max(Vector.Round(from[i] / scale), min), max) * scale - from[i];
        for (int i = from.Length * Vector<float>.Count; i < values.Length; i++) errors[i] = Math.Clamp(MathF.Round(values[i] / Scale), low, high) * Scale - values[i];
    }
}
