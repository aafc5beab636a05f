namespace Haq.Engine.Pipeline.LockFiles;

/// <summary>Predicted cost, for the hardware's batch.</summary>
public sealed record LockedCost(double LatencyMilliseconds, double? EnergyMillijoules, long SizeBytes);
