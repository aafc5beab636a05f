namespace Haq.Engine.Pipeline;

/// <summary>The bits of one layer.</summary>
public sealed record LockedLayer(string Name, int Weights, int Activations);
