using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Measured;

/// <summary>One line of a measured table.</summary>
/// <param name="Layer">The layer's name, or its shape as <c>haq simulate</c> prints it.</param>
/// <param name="Bits">The widths it ran at.</param>
/// <param name="Seconds">Latency of the whole batch.</param>
/// <param name="Joules">Energy of the whole batch; null when it was not measured.</param>
public readonly record struct MeasuredEntry(string Layer, LayerBits Bits, double Seconds, double? Joules);
