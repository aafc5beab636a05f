using Haq.Engine.Hardware;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Tests.Reporting;

public sealed class TradeOffPageTests
{
    [Fact]
    public void The_page_draws_every_curve_with_the_uniform_policies_beside_it_and_every_figure_in_a_table()
    {
        string page = TradeOffPage.Write([Curve("edge"), Curve("cloud <fast>")]);
        Assert.Contains("cloud &lt;fast&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<fast>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Equal(2, Count(page, "<svg role=\"img\""));
        // The uniform one that collapsed is at the edge of the picture and whole in the table.
        Assert.Equal(6, Count(page, "<rect class=\"uniform\""));
        Assert.Contains("collapsed policies are drawn at the lower edge", page, StringComparison.Ordinal);
        Assert.Contains("10.00 %", page, StringComparison.Ordinal);
        Assert.Contains("auto (chosen)", page, StringComparison.Ordinal);
        // Two pictures on one page must not share ids.
        Assert.Equal(1, Count(page, "id=\"trade-0-t\""));
        Assert.Equal(1, Count(page, "id=\"trade-1-t\""));
        Assert.Equal(page, TradeOffPage.Write([Curve("edge"), Curve("cloud <fast>")]));
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static TradeOffCurve Curve(string hardware) => new("net.onnx", hardware, 1, "500 samples of the search set", CostQuantity.Latency, 4.5,
    [
        Point("uniform 2 bit", 2, 10, 2.3, uniform: true), Point("knapsack 0.40x", 3, 84, 0.4), Point("knapsack 0.50x", 4, 90.5, 0.04), Point("auto", 4.4, 91.5, 0.03, chosen: true),
        Point("knapsack 0.70x", 6, 91.9, 0.01), Point("uniform 8 bit", 9, 92.1, 0.001, uniform: true),
    ]);

    private static ParetoFacts Point(string name, double latency, double top1, double loss, bool uniform = false, bool chosen = false) => new()
    {
        Name = name,
        Cost = new CostFacts { Cycles = 1, InnerCycles = 1, LatencyMs = latency, InnerLatencyMs = latency, LatencyMsPerImage = latency, SizeBytes = 1000 * latency },
        PredictedDamage = loss * 0.9,
        Quantized = new AccuracyFacts { Top1 = top1, Loss = loss, Samples = 500 },
        Uniform = uniform,
        Chosen = chosen,
    };
}
