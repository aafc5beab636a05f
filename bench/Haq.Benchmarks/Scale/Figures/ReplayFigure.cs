namespace Haq.Benchmarks.Scale.Figures;

/// <summary>A search on a simulated cluster.</summary>
/// <param name="Workers">How many, of one thread.</param>
/// <param name="Seconds">How long the search takes.</param>
/// <param name="Busy">Share of the workers' time in which they work.</param>
/// <param name="Probing">The same until all sensitivities are known.</param>
/// <param name="Asked">Share of their work that the search asks for in the end.</param>
/// <param name="Phases">What the search does, how long, and the workers' share.</param>
internal sealed record ReplayFigure(int Workers, double Seconds, double Busy, double Probing, double Asked, IReadOnlyList<PhaseFigure> Phases);
