using Haq.Benchmarks.Reproduction.Figures;

namespace Haq.Engine.Tests.Reproduction;

/// <summary>The figures that the page on HAQ's experiments is made of, against figures that were worked out by hand.</summary>
public class EqualAccuracyTests
{
    // HAQ (arXiv 1811.08886), Table 3, MobileNetV1 on the edge accelerator: latency in ms, top-1 in percent.
    private static readonly CostPoint s_eight = new(96.2, 70.82);
    private static readonly CostPoint[] s_haq = [new(45.51, 67.4), new(57.7, 70.58), new(70.35, 71.2)];
    private static readonly CostPoint[] s_pact = [new(45.45, 62.44), new(57.75, 67), new(70.67, 70.46)];

    [Fact]
    public void The_papers_rows_give_the_papers_ratio()
    {
        // 45.51 + (70.32 − 67.4) / (70.58 − 67.4) · (57.7 − 45.51) = 56.7033: 96.2 / 56.7033 = 1.6965.
        var haq = EqualAccuracy.At(s_eight.Accuracy - 0.5, [s_eight, .. s_haq])!.Value;
        Assert.Equal(56.7033, haq.Cost, 4);
        Assert.False(haq.IsBound);
        Assert.Equal(1.6965, s_eight.Cost / haq.Cost, 4);
        // 57.75 + (70.32 − 67) / (70.46 − 67) · (70.67 − 57.75) = 70.1472: 1.3714.
        Assert.Equal(1.3714, s_eight.Cost / EqualAccuracy.At(s_eight.Accuracy - 0.5, [s_eight, .. s_pact])!.Value.Cost, 4);
    }

    [Fact]
    public void A_point_that_is_worse_than_a_cheaper_one_counts_as_that_one()
    {
        // From (10, 60) to (30, 80), over the head of (20, 40): 70 is reached half-way.
        Assert.Equal(20, EqualAccuracy.At(70, [new(30, 80), new(20, 40), new(10, 60)])!.Value.Cost, 12);
    }

    [Fact]
    public void Nothing_is_extrapolated()
    {
        Assert.Null(EqualAccuracy.At(72, [s_eight, .. s_haq]));
        Assert.Null(EqualAccuracy.At(0, []));
        Assert.Equal(new EqualAccuracy(45.51, IsBound: true), EqualAccuracy.At(60, s_haq));
    }

    [Fact]
    public void A_point_of_exactly_that_accuracy_is_the_answer()
    {
        Assert.Equal(57.7, EqualAccuracy.At(70.58, s_haq)!.Value.Cost, 12);
        // Two policies of one cost: the better one counts.
        Assert.Equal(5, EqualAccuracy.At(70, [new(5, 60), new(5, 70), new(3, 10)])!.Value.Cost, 12);
    }
}
