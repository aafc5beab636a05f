namespace Haq.Engine.Reporting.Facts;

/// <summary>How long one stage of the build took.</summary>
public sealed record StageTimeFacts
{
    /// <summary>For example <c>search</c>.</summary>
    public required string Stage { get; init; }

    /// <summary>Wall clock.</summary>
    public required double Seconds { get; init; }

    /// <summary>Its result came from the cache.</summary>
    public bool Cached { get; init; }
}
