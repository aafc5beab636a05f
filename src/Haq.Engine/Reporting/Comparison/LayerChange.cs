using System.Collections.Immutable;
using Haq.Engine.Hardware;

namespace Haq.Engine.Reporting.Comparison;

/// <summary>One layer of two reports, matched by name.</summary>
public sealed record LayerChange
{
    /// <summary>The layer's name.</summary>
    public required string Name { get; init; }

    /// <summary>What became of it.</summary>
    public required LayerFate Fate { get; init; }

    /// <summary>For example <c>w4a6</c>.</summary>
    public required Change<string> Bits { get; init; }

    /// <summary>What it is computed in where the target is measured, with the region that it is in: <c>integers, region 2</c>.</summary>
    public required Change<string> Form { get; init; }

    /// <summary>At the chosen bits.</summary>
    public required Change<long?> Cycles { get; init; }

    /// <summary>At the chosen bits; inside of the file where the target is measured.</summary>
    public required Change<double?> LatencyMs { get; init; }

    /// <summary>What holds it up.</summary>
    public required Change<Bound?> Bound { get; init; }

    /// <summary>Predicted damage of the chosen bits, in nats.</summary>
    public required Change<double?> Damage { get; init; }

    /// <summary>With only this layer quantized, in decibels.</summary>
    public required Change<double?> SqnrDb { get; init; }

    /// <summary>Why, one clause each; empty where nothing changed.</summary>
    public ImmutableArray<string> Reasons { get; init; } = [];
}
