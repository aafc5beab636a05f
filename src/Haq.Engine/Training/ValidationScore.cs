namespace Haq.Engine.Training;

/// <summary>What the caller measured of a network while it trains.</summary>
/// <param name="Value">What decides which epoch is kept; higher is better.</param>
/// <param name="Top1">Percent of images whose best class is the label; null where unknown, like the next two.</param>
/// <param name="Top5">Percent of images whose label is among the best five.</param>
/// <param name="Agreement">Percent of images whose best class is the float model's.</param>
/// <param name="Loss">Mean divergence from the float model's output, in nats.</param>
/// <param name="Samples">Number of images.</param>
public sealed record ValidationScore(double Value, double? Top1 = null, double? Top5 = null, double? Agreement = null, double? Loss = null, int Samples = 0);
