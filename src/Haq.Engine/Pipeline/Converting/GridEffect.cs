namespace Haq.Engine.Pipeline.Converting;

/// <summary>What a conversion does to a grid.</summary>
public enum GridEffect
{
    /// <summary>Written in another way; the same reals, to the bit.</summary>
    Exact,

    /// <summary>Another grid, because the target does not take the old one.</summary>
    Moved,

    /// <summary>The tensor had none.</summary>
    Added,

    /// <summary>The tensor has none any more.</summary>
    Removed,
}
