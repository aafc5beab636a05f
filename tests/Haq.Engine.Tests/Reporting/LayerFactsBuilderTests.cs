using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Reporting;

namespace Haq.Engine.Tests.Reporting;

public sealed class LayerFactsBuilderTests
{
    private static readonly QuantizableLayer[] s_layers =
    [
        new(0, "stem", LayerShape.Conv2D(3, 32, 3, 2, 224, 112), 0),
        new(1, "wide", LayerShape.Conv2D(512, 512, 1, 1, 14, 14), 1),
        new(2, "head", LayerShape.Dense(1024, 1000), 2),
    ];

    private static readonly LayerBits[] s_free = [new LayerBits(4, 6), new LayerBits(5, 6), new LayerBits(4, 5), new LayerBits(5, 5)];

    private static readonly HardwareTarget s_edge = HardwareCatalog.Load("bismo-edge", ".");

    private static readonly CostTable s_costs = CostTable.Build(s_edge, s_layers, fixedBits: 0);

    private static readonly Policy s_policy = new([new LayerBits(8, 8), new LayerBits(5, 6), new LayerBits(8, 8)]);

    [Fact]
    public void Layers_add_up_to_the_network_and_stand_under_their_roof()
    {
        var facts = new LayerFactsBuilder(s_edge, s_costs, s_layers).Build(s_policy);
        Assert.Equal(s_costs.Price(s_policy).Cycles, facts.Sum(l => l.Chosen.Cycles));
        Assert.All(facts, l => Assert.True(l.Chosen.AchievedGmacs <= l.Chosen.AttainableGmacs * 1.0001, $"{l.Name}: {l.Chosen.AchievedGmacs} over {l.Chosen.AttainableGmacs}"));
        Assert.All(facts, l => Assert.Equal(l.Macs / (l.Chosen.LatencyMs * 1e6), l.Chosen.AchievedGmacs, 6));
        Assert.Equal(8, facts[1].At8Bit.Weights);
        Assert.Equal(s_costs[1, new LayerBits(8, 8)].Cycles, facts[1].At8Bit.Cycles);
    }

    [Fact]
    public void The_reason_names_the_next_step_and_its_price()
    {
        var builder = new LayerFactsBuilder(s_edge, s_costs, s_layers)
        {
            Choices = layer => layer == 1 ? s_free : [new LayerBits(8, 8)],
            // One weight bit less costs ten times what one activation bit less costs.
            Scores = SampleReports.Scores(3, (_, bits) => 0.1 * (8 - bits), (_, bits) => 0.01 * (8 - bits)),
            Pinned = new Dictionary<int, string> { [0] = "first layer" },
        };
        var facts = builder.Build(s_policy);
        double total = s_costs.Price(s_policy).LatencySeconds;
        double saved = (s_costs[1, new LayerBits(5, 6)].Seconds - s_costs[1, new LayerBits(5, 5)].Seconds) / total * 100;
        Assert.Contains($"5-bit activations would save {saved:0.0} % and add 0.0100 nats of damage.", facts[1].Why, StringComparison.Ordinal);
        Assert.Equal(0.32, facts[1].Damage!.Value, 1e-12);
        Assert.Equal("first layer", facts[0].Pinned);
        Assert.DoesNotContain("would", facts[0].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void At_the_narrowest_widths_it_says_so()
    {
        var builder = new LayerFactsBuilder(s_edge, s_costs, s_layers) { Choices = _ => s_free };
        var facts = builder.Build(s_policy.With(1, new LayerBits(4, 5)));
        Assert.EndsWith("No narrower widths are allowed.", facts[1].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_score_that_was_not_made_is_unknown()
    {
        var scores = SampleReports.Scores(3, (_, _) => 0.5, (_, _) => double.NaN);
        var facts = new LayerFactsBuilder(s_edge, s_costs, s_layers) { Scores = scores, Choices = _ => s_free }.Build(s_policy);
        Assert.All(facts, l => Assert.Null(l.Damage));
        Assert.All(facts, l => Assert.Equal([2, 3, 4, 5, 6, 7, 8], l.Sensitivity.Select(s => s.Weights!.Value)));
        Assert.DoesNotContain("nats", facts[1].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_of_another_network_is_refused() =>
        Assert.Throws<ArgumentException>(() => new LayerFactsBuilder(s_edge, s_costs, s_layers).Build(Policy.Uniform(2, new LayerBits(8, 8))));

    [Theory]
    [InlineData("bismo-edge", 0.6)]
    [InlineData("bismo-cloud", 0.5)]
    public void A_mobilenet_makes_a_report_that_reads_back(string hardware, double factor)
    {
        var report = MobileNetReport.On(hardware, factor);
        Assert.Equal(28, JsonReport.Read(JsonReport.Write(report), "r.json").Layers.Length);
        Assert.InRange(report.Gain.LatencyVs8Bit!.Value, factor - 0.03, factor);
    }
}
