namespace Haq.Benchmarks.Scale.Simulation;

/// <summary>A cluster as far as it matters for time.</summary>
/// <param name="Workers">How many workers of one thread.</param>
/// <param name="OrderSeconds">The client's own work for one order: giving it out and taking its answer. One order after the other.</param>
/// <param name="TravelSeconds">What an order and its answer need on their way, both together. It keeps nobody but the worker waiting.</param>
internal sealed record ClusterShape(int Workers, double OrderSeconds, double TravelSeconds);
