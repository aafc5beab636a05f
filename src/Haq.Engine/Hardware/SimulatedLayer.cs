using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>One layer on a target at given bits.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Bits">Its bits.</param>
/// <param name="Cost">For the whole batch.</param>
/// <param name="Roofline">Where it stands under the roof; null where the target does not know its peak.</param>
public sealed record SimulatedLayer(QuantizableLayer Layer, LayerBits Bits, LayerCost Cost, Roofline? Roofline);
