namespace Haq.Engine.Search;

/// <summary>What to make best.</summary>
public enum SearchObjective
{
    /// <summary>The least damage within the budget.</summary>
    Accuracy,

    /// <summary>The lowest latency within the accuracy limit.</summary>
    Latency,

    /// <summary>The lowest energy within the accuracy limit.</summary>
    Energy,

    /// <summary>The smallest model within the accuracy limit.</summary>
    Size,
}
