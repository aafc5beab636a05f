namespace Haq.Benchmarks.Scale.Simulation;

/// <summary>All parts of a search of one kind.</summary>
/// <param name="Phase">What the search is doing.</param>
/// <param name="Seconds">How long they took together.</param>
/// <param name="Busy">Share of the workers' time in which they worked.</param>
internal sealed record PhaseShare(string Phase, double Seconds, double Busy);
