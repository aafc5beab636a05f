using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Fitted;

/// <summary>A measured layer.</summary>
/// <param name="Shape">Its loop nest.</param>
/// <param name="Bits">The widths that it ran at.</param>
/// <param name="Seconds">What it took.</param>
public readonly record struct FitRow(LayerShape Shape, LayerBits Bits, double Seconds);

/// <summary>A measured change of width.</summary>
/// <param name="Elements">Numbers in the tensor.</param>
/// <param name="Seconds">What it took.</param>
public readonly record struct FitConvert(long Elements, double Seconds);
