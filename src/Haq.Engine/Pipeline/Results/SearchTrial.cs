using Haq.Engine.Pipeline.Stages.Reports;

namespace Haq.Engine.Pipeline.Results;

/// <summary>One policy that a search tried: its cost and its figures on the search set.</summary>
public sealed record SearchTrial(int Number, double LatencyMs, double? EnergyMj, double SizeBytes, double? Top1, double? Agreement, double Loss, bool IsIncumbent)
{
    /// <summary>The damage that the scores predict; null where there are none.</summary>
    public double? Predicted { get; init; }
}
