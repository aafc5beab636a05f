namespace Haq.Engine.Search;

/// <summary>What the manifest's <c>search:</c> section says about how to search.</summary>
public sealed record SearchOptions
{
    /// <summary>Episodes of the agent.</summary>
    public int Episodes { get; init; } = 600;

    /// <summary>The agent's hyperparameters.</summary>
    public DdpgOptions Ddpg { get; init; } = new();

    /// <summary>Policies that <c>auto</c> may measure.</summary>
    public int Evaluations { get; init; } = 600;

    /// <summary><c>auto</c> lets HAQ's agent explore around the best policy after local search, for as many episodes at most.</summary>
    public bool ExploresByAgent { get; init; }

    /// <summary>A saved agent to start from; null to begin anew.</summary>
    public string? TrainedAgent { get; init; }

    /// <summary>Where to save the agent at the end; null for nowhere.</summary>
    public string? SavedAgent { get; init; }

    /// <summary>What rewards and accuracy limits are measured in.</summary>
    public Quality Quality { get; init; } = Quality.Top1;
}
