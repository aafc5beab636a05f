using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search;

/// <summary>One policy that was tried.</summary>
/// <param name="Number">Counts from 1.</param>
/// <param name="Total">How many are planned, null where that is not known.</param>
/// <param name="Policy">What was tried.</param>
/// <param name="Cost">What it costs; nothing where a probe combines widths that the target does not.</param>
/// <param name="Score">What it scored.</param>
/// <param name="IsIncumbent">It is the best policy so far.</param>
public sealed record SearchStep(int Number, int? Total, Policy Policy, NetworkCost Cost, PolicyScore Score, bool IsIncumbent)
{
    /// <summary>What the search is doing, for example <c>exploring</c>.</summary>
    public string Phase { get; init; } = "";

    /// <summary>
    /// It was measured to learn about the network, perhaps on fewer samples and over the budget, and is no candidate itself.
    /// </summary>
    public bool IsProbe { get; init; }

    /// <summary>The time since the search began.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>An estimate of the time left; null where there is none.</summary>
    public TimeSpan? Remaining { get; init; }
}
