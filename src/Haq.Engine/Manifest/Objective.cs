namespace Haq.Engine.Manifest;

/// <summary>What to make best within the budget.</summary>
public enum Objective
{
    /// <summary>The highest accuracy.</summary>
    Accuracy,

    /// <summary>The lowest latency.</summary>
    Latency,

    /// <summary>The lowest energy.</summary>
    Energy,

    /// <summary>The smallest model.</summary>
    Size,
}
