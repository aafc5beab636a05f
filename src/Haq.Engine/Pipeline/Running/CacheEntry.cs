namespace Haq.Engine.Pipeline.Running;

/// <summary>One entry of the <see cref="StageCache"/>.</summary>
/// <param name="Folder">Where its files are.</param>
/// <param name="Stage">The stage that made it.</param>
/// <param name="Bytes">The size of its files.</param>
/// <param name="LastUsedUtc">When it was made or last served.</param>
public sealed record CacheEntry(string Folder, string Stage, long Bytes, DateTime LastUsedUtc);
