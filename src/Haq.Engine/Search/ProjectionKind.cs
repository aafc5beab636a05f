namespace Haq.Engine.Search;

/// <summary>How a policy is brought under the budget.</summary>
public enum ProjectionKind
{
    /// <summary>HAQ's: bits are lowered one step at a time, last layer first, activations before weights.</summary>
    Sequential,

    /// <summary>The nearest affordable policy, by knapsack.</summary>
    Knapsack,
}
