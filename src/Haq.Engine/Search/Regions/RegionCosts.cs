namespace Haq.Engine.Search.Regions;

/// <summary>What a network's units cost in each precision, and its tensors where a border runs through them. Seconds.</summary>
/// <param name="Float">By unit: in floating point.</param>
/// <param name="Integer">By unit: in integers; infinite where there is no such form, and the other way round.</param>
/// <param name="Quantize">By tensor: made as real numbers and read as integers by some.</param>
/// <param name="Dequantize">By tensor: made as integers and read as real numbers by some.</param>
/// <param name="Fixed">Everything else of a run.</param>
public sealed record RegionCosts(double[] Float, double[] Integer, double[] Quantize, double[] Dequantize, double Fixed);
