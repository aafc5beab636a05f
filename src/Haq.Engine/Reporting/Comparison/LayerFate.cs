namespace Haq.Engine.Reporting.Comparison;

/// <summary>What became of a layer.</summary>
public enum LayerFate
{
    /// <summary>Nothing that is compared differs.</summary>
    Same,

    /// <summary>Bits, cost, damage or bound differ.</summary>
    Changed,

    /// <summary>Only the new report has it.</summary>
    Added,

    /// <summary>Only the old report has it.</summary>
    Removed,
}
