namespace Haq.Engine.Search.Regions;

/// <summary>A file's time against the float network's, both measured in turn.</summary>
/// <param name="Seconds">Its median.</param>
/// <param name="FloatSeconds">The float network's median in the same race.</param>
/// <param name="Ratio">The median of the ratios of neighbouring runs.</param>
/// <param name="Low">Lower end of the ratio's 95 % interval.</param>
/// <param name="High">Upper end.</param>
public readonly record struct RegionTiming(double Seconds, double FloatSeconds, double Ratio, double Low, double High);
