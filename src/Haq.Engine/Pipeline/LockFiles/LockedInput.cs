namespace Haq.Engine.Pipeline.LockFiles;

/// <summary>One file or folder that was read.</summary>
/// <param name="Path">Relative to the manifest, with forward slashes; or a built-in's name.</param>
/// <param name="Sha256">Of its content; null where it is not there to be read.</param>
public sealed record LockedInput(string Path, string? Sha256);
