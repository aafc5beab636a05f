namespace Haq.Engine.Numerics.Units;

/// <summary>What a quantity measures.</summary>
public enum Dimension
{
    /// <summary>Seconds.</summary>
    Duration,

    /// <summary>Joules.</summary>
    Energy,

    /// <summary>Bytes.</summary>
    Size,

    /// <summary>Percent, or percentage points.</summary>
    Percentage,

    /// <summary>Bits of one number.</summary>
    Bits,

    /// <summary>A multiple of a baseline, as in <c>0.6x</c>.</summary>
    Factor,
}
