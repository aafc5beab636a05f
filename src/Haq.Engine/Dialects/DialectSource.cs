namespace Haq.Engine.Dialects;

/// <summary>A document that rules were read in.</summary>
/// <param name="Key">What rules call it.</param>
/// <param name="Url">Where it is.</param>
/// <param name="Version">The vendor's version, or the commit or date, that it was read at.</param>
public sealed record DialectSource(string Key, string Url, string Version);
