namespace Haq.Engine.Pipeline;

/// <summary>Predicted cost, for the hardware's batch.</summary>
public sealed record LockedCost(double LatencyMilliseconds, double? EnergyMillijoules, long SizeBytes);
