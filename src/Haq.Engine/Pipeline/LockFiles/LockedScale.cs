namespace Haq.Engine.Pipeline.LockFiles;

/// <summary>One activation quantizer: value = (q - zero point) * scale, q in min..max.</summary>
public sealed record LockedScale(int Bits, float Scale, int ZeroPoint, int Min, int Max);
