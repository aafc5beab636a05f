using System.Collections.Immutable;

namespace Haq.Engine.Reporting.Facts;

/// <summary>The target that costs were computed for.</summary>
public sealed record HardwareFacts
{
    /// <summary>For example <c>bismo-edge</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The kind of cost model, for example <c>bit-serial</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Where its parameters come from.</summary>
    public string? Provenance { get; init; }

    /// <summary>SHA-256 of the hardware file.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Images per inference; latency and energy figures are for the whole batch unless they say per image.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Null where the kind has no clock (measured tables).</summary>
    public double? ClockMhz { get; init; }

    /// <summary>DRAM bandwidth in GB/s, null where the kind has none: the slope of the roofline.</summary>
    public double? BandwidthGBPerSecond { get; init; }

    /// <summary>How far off its latencies have to be expected; null where there is no measurement to compare with.</summary>
    public ExpectedErrorFacts? ExpectedError { get; init; }

    /// <summary>What the simulator leaves out or simplifies, one sentence each.</summary>
    public ImmutableArray<string> Assumptions { get; init; } = [];
}
