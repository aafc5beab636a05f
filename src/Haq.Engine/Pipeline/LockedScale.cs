namespace Haq.Engine.Pipeline;

/// <summary>One activation quantizer: value = (q - zero point) * scale.</summary>
public sealed record LockedScale(int Bits, float Scale, int ZeroPoint, bool Signed);
