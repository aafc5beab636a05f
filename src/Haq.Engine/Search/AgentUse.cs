namespace Haq.Engine.Search;

/// <summary>Whether HAQ's agent takes part in a strategy.</summary>
public enum AgentUse
{
    /// <summary>There is none.</summary>
    Never,

    /// <summary>Where <see cref="SearchOptions.ExploresByAgent"/> asks for it.</summary>
    WhereAsked,

    /// <summary>It is the strategy.</summary>
    Always,
}
