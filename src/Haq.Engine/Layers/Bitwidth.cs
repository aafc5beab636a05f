using System.Globalization;

namespace Haq.Engine.Layers;

/// <summary>A width in bits, 1..32. Stored as an offset from 8, so <c>default</c> is 8 bits and never 0.</summary>
public readonly record struct Bitwidth : IComparable<Bitwidth>
{
    /// <summary>The narrowest width.</summary>
    public const int Min = 1;

    /// <summary>The widest width.</summary>
    public const int Max = 32;

    private readonly sbyte _offset;

    /// <summary>A width of <paramref name="bits"/> bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bits"/> is not in 1..32.</exception>
    public Bitwidth(int bits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, Min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, Max);
        _offset = (sbyte)(bits - 8);
    }

    /// <summary>The number of bits, 1..32.</summary>
    public int Bits => _offset + 8;

    /// <summary>Eight bits, the baseline that budgets and reports compare with.</summary>
    public static Bitwidth Eight => default;

    /// <summary>Sixteen bits, the widest integers.</summary>
    public static Bitwidth Sixteen => new(16);

    /// <summary>32-bit floating point.</summary>
    public static Bitwidth Float => new(Max);

    /// <summary>Values of this width are floating point.</summary>
    public bool IsFloat => Bits == Max;

    /// <summary>The number of bits.</summary>
    public static implicit operator int(Bitwidth width) => width.Bits;

    /// <summary>A width of <paramref name="bits"/> bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bits"/> is not in 1..32.</exception>
    public static explicit operator Bitwidth(int bits) => new(bits);

    /// <inheritdoc/>
    public int CompareTo(Bitwidth other) => Bits.CompareTo(other.Bits);

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator <(Bitwidth left, Bitwidth right) => left.Bits < right.Bits;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator >(Bitwidth left, Bitwidth right) => left.Bits > right.Bits;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator <=(Bitwidth left, Bitwidth right) => left.Bits <= right.Bits;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator >=(Bitwidth left, Bitwidth right) => left.Bits >= right.Bits;

    /// <inheritdoc/>
    public override string ToString() => Bits.ToString(CultureInfo.InvariantCulture);
}
