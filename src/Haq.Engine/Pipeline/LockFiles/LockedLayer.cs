namespace Haq.Engine.Pipeline.LockFiles;

/// <summary>The bits of one layer.</summary>
public sealed record LockedLayer(string Name, int Weights, int Activations);
