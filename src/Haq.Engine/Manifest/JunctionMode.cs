namespace Haq.Engine.Manifest;

/// <summary>What sums, concatenations and averages between layers compute with.</summary>
public enum JunctionMode
{
    /// <summary>Whatever the hardware needs.</summary>
    Auto,

    /// <summary>Real numbers.</summary>
    Float,

    /// <summary>8-bit integers.</summary>
    Integer,
}
