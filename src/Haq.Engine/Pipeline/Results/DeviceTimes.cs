using System.Collections.Immutable;

namespace Haq.Engine.Pipeline.Results;

/// <summary>How long whole files took on a device, file by file.</summary>
/// <param name="Files">In the order in which they were given.</param>
public sealed record DeviceTimes(ImmutableArray<DeviceTime> Files);

/// <summary>How long a file took on a device.</summary>
/// <param name="Seconds">Of each round.</param>
/// <param name="Joules">Energy of a run, on average; null where the device does not tell.</param>
public sealed record DeviceTime(ImmutableArray<double> Seconds, double? Joules);
