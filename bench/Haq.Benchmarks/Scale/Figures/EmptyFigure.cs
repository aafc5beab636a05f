namespace Haq.Benchmarks.Scale.Figures;

/// <summary>Giving out work that takes no time.</summary>
/// <param name="Workers">How many pieces at a time.</param>
/// <param name="Orders">Pieces of work for a policy.</param>
/// <param name="Milliseconds">A policy's, in each round.</param>
internal sealed record EmptyFigure(int Workers, double Orders, IReadOnlyList<double> Milliseconds);
