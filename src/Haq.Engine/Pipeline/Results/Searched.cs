namespace Haq.Engine.Pipeline.Results;

/// <summary>What came of a search.</summary>
/// <param name="Outcome">The choice.</param>
/// <param name="Agent">The file of the trained agent; null where none took part.</param>
internal sealed record Searched(SearchOutcome Outcome, byte[]? Agent);
