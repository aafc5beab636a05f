namespace Haq.Engine.Manifest;

/// <summary>How a policy that costs too much is brought within the budget.</summary>
public enum BudgetProjectionKind
{
    /// <summary>As in the paper: one bit at a time, last layer first, activations before weights.</summary>
    Sequential,

    /// <summary>The nearest affordable policy by sensitivity.</summary>
    Knapsack,
}
