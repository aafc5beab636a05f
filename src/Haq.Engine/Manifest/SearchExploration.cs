namespace Haq.Engine.Manifest;

/// <summary>What <c>auto</c> explores with around the best policy.</summary>
public enum SearchExploration
{
    /// <summary>Changes of one or two widths.</summary>
    Local,

    /// <summary>After them, HAQ's agent.</summary>
    Ddpg,
}
