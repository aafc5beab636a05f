namespace Haq.Engine.Search.Regions;

/// <summary>Where the time of a plan's file goes. Seconds.</summary>
/// <param name="Units">By unit.</param>
/// <param name="Quantize">By tensor: nodes that turn it into integers, and changes of layout there.</param>
/// <param name="Dequantize">By tensor: nodes that turn it into real numbers.</param>
/// <param name="Dynamic">By tensor: nodes that turn it into integers with a scale of every run.</param>
/// <param name="Total">The file from end to end.</param>
public sealed record RegionReading(double[] Units, double[] Quantize, double[] Dequantize, double[] Dynamic, double Total);
