namespace Haq.Engine.Search;

/// <summary>A search strategy as others know it before it is made.</summary>
/// <param name="Name">In the manifest.</param>
/// <param name="Agent">Whether it has an agent.</param>
/// <param name="Reward">What it looks for.</param>
/// <param name="Create">Makes it.</param>
public sealed record StrategyEntry(string Name, AgentUse Agent, SearchReward Reward, Func<SearchOptions, ISearchStrategy> Create)
{
    /// <summary>It can search for the cheapest policy within a loss of accuracy, too.</summary>
    public bool Serves(SearchObjective objective) => Reward == SearchReward.Loss || objective == SearchObjective.Accuracy;
}
