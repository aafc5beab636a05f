namespace Haq.Engine.Pipeline.LockFiles;

/// <summary>How the bits were chosen.</summary>
/// <param name="Strategy">The strategy's name.</param>
/// <param name="Seed">The manifest's seed.</param>
/// <param name="Threads">The threads that the figures are reproducible at.</param>
/// <param name="Evaluated">Number of policies tried.</param>
/// <param name="Completed">False when a time limit ended it.</param>
/// <param name="EndedIn">What it was doing then: how far it came.</param>
/// <param name="Uniform">The width of the uniform policy that was taken in place of a mixed one that is no better and costs more; null where there was none.</param>
public sealed record LockedSearch(string Strategy, ulong Seed, int Threads, int Evaluated, bool Completed, string? EndedIn = null, int? Uniform = null);
