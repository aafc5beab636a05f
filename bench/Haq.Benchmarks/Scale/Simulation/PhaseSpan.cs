namespace Haq.Benchmarks.Scale.Simulation;

/// <summary>A part of a search.</summary>
internal sealed record PhaseSpan(string Phase, double Begins, double Ends);
