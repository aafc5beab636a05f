using Haq.Benchmarks.Reproduction.Figures;

namespace Haq.Benchmarks.Reproduction;

/// <summary>
/// One network on one target in the paper (Wang et al., CVPR 2019, arXiv 1811.08886): latencies in ms (its Table 3) or energies in mJ, each with top-1 after fine-tuning on ImageNet. What is in
/// them was typed from memory of the paper and checked against recomputed latencies where they can be.
/// </summary>
/// <param name="Title">Network and target.</param>
/// <param name="EightBit">At 8 bit.</param>
/// <param name="Uniform">PACT at 4, 5 and 6 bits.</param>
/// <param name="Haq">HAQ within the cost of these.</param>
internal sealed record PaperFigures(string Title, CostPoint EightBit, CostPoint[] Uniform, CostPoint[] Haq)
{
    /// <summary>Latency, by our target's name.</summary>
    public static IReadOnlyList<(string Target, PaperFigures Figures)> Latencies { get; } =
    [
        ("bismo-edge", new("MobileNetV1", new(96.2, 70.82), [new(45.45, 62.44), new(57.75, 67.0), new(70.67, 70.46)], [new(45.51, 67.4), new(57.7, 70.58), new(70.35, 71.2)])),
        ("bismo-edge", new("MobileNetV2", new(115.84, 71.81), [new(52.15, 61.39), new(66.94, 68.84), new(82.49, 71.25)], [new(52.12, 66.99), new(66.92, 70.9), new(82.34, 71.89)])),
        ("bismo-cloud", new("MobileNetV1", new(151.09, 70.82), [new(57.49, 62.44), new(77.52, 67.0), new(99.86, 70.46)], [new(57.4, 65.33), new(77.49, 69.97), new(99.66, 71.2)])),
        ("bismo-cloud", new("MobileNetV2", new(189.82, 71.81), [new(74.46, 61.39), new(99.43, 68.84), new(127.07, 71.25)], [new(73.97, 67.01), new(99.07, 69.45), new(127.03, 71.85)])),
    ];

    /// <summary>Energy on BitFusion.</summary>
    public static PaperFigures Energy { get; } =
        new("MobileNetV1", new(31.03, 70.82), [new(13.47, 62.44), new(16.57, 67.0), new(19.99, 70.46)], [new(13.39, 64.78), new(16.3, 70.37), new(19.92, 70.9)]);

    /// <summary>How many times cheaper than 8 bit a method is that is at most <paramref name="drop"/> points worse.</summary>
    public double? Ratio(CostPoint[] method, double drop) => EqualAccuracy.At(EightBit.Accuracy - drop, [.. method, EightBit]) is { } found ? EightBit.Cost / found.Cost : null;
}
