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

    /// <summary>A saved agent to start from, if it is there, and to save to; null for neither.</summary>
    public string? AgentFile { get; init; }

    /// <summary>What rewards and accuracy limits are measured in.</summary>
    public Quality Quality { get; init; } = Quality.Top1;
}
