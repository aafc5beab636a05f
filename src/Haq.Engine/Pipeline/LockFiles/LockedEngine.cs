namespace Haq.Engine.Pipeline.LockFiles;

/// <summary>The engine that decided.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Digest">SHA-256 of the versions of all stages and of ONNX Runtime: what decides whether it would decide the same again.</param>
public sealed record LockedEngine(string Version, string Digest);
