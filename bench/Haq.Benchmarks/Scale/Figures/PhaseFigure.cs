namespace Haq.Benchmarks.Scale.Figures;

/// <summary>A kind of phase of a search.</summary>
/// <param name="Phase">What the search does.</param>
/// <param name="Seconds">How long.</param>
/// <param name="Busy">Share of the workers' time in which they work.</param>
internal sealed record PhaseFigure(string Phase, double Seconds, double Busy);
