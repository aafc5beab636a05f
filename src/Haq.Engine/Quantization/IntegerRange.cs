using Haq.Engine.Layers;

namespace Haq.Engine.Quantization;

/// <summary>The integers that a quantized value may take, both ends included.</summary>
public readonly record struct IntegerRange
{
    /// <summary>A range of at least two integers.</summary>
    /// <exception cref="ArgumentException"><paramref name="max"/> is not above <paramref name="min"/>.</exception>
    public IntegerRange(int min, int max)
    {
        if (max <= min) throw new ArgumentException($"{min}..{max} holds fewer than two integers", nameof(max));
        (Min, Max) = (min, max);
    }

    /// <summary>The least integer.</summary>
    public int Min { get; }

    /// <summary>The greatest integer.</summary>
    public int Max { get; }

    /// <summary>Number of integers in the range.</summary>
    public int Levels => Max - Min + 1;

    /// <summary>
    /// Weights: −(2^(b−1)−1)..2^(b−1)−1, so that a weight and its negative are both exact (HAQ §3.4). At 1 bit it is −1..1, of which only the ends are used.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 16 bits.</exception>
    public static IntegerRange Symmetric(Bitwidth bits)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits.Bits, QuantizedWidths.Max, nameof(bits));
        int max = Math.Max(1, (1 << (bits - 1)) - 1);
        return new IntegerRange(-max, max);
    }

    /// <summary>Activations: 0..2^b−1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 16 bits.</exception>
    public static IntegerRange Unsigned(Bitwidth bits)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits.Bits, QuantizedWidths.Max, nameof(bits));
        return new IntegerRange(0, (1 << bits) - 1);
    }

    /// <summary>Activations of zero point 0: −2^(b−1)..2^(b−1)−1, all that a signed type of the width holds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 16 bits.</exception>
    public static IntegerRange Signed(Bitwidth bits)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits.Bits, QuantizedWidths.Max, nameof(bits));
        return new IntegerRange(-(1 << (bits - 1)), (1 << (bits - 1)) - 1);
    }

    /// <summary>For example <c>-7..7</c>.</summary>
    public override string ToString() => $"{Min}..{Max}";
}
