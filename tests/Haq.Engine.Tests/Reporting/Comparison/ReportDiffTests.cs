using System.Text.Json;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Comparison;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Tests.Reporting.Comparison;

public sealed class ReportDiffTests
{
    [Fact]
    public void A_report_does_not_differ_from_itself()
    {
        var diff = ReportDiff.Between(SampleReports.Of(5), SampleReports.Of(5));
        Assert.True(diff.IsEmpty);
        Assert.All(diff.Layers, l => Assert.Equal(LayerFate.Same, l.Fate));
    }

    [Fact]
    public void Run_times_are_no_difference()
    {
        var report = SampleReports.Of();
        Assert.True(ReportDiff.Between(report, report.WithoutTimings()).IsEmpty);
    }

    [Fact]
    public void A_tighter_budget_explains_bits_given_up()
    {
        var old = SampleReports.Of(4);
        var fresh = SampleReports.Of(4, bits: i => i == 2 ? (4, 6) : (old.Layers[i].Chosen.Weights, old.Layers[i].Chosen.Activations));
        fresh = fresh with { Budget = fresh.Budget with { LatencyMs = old.Budget.LatencyMs * 0.9 } };
        var diff = ReportDiff.Between(old, fresh);
        Assert.Contains(diff.Causes, c => c.StartsWith("The latency budget went from", StringComparison.Ordinal));
        var changed = Assert.Single(diff.Layers, l => l.Fate == LayerFate.Changed);
        Assert.Equal(("conv_2", "w6a6", "w4a6"), (changed.Name, changed.Bits.Old, changed.Bits.New));
        Assert.Equal(["it gave up bits for the tighter budget"], changed.Reasons);
        Assert.False(diff.IsEmpty);
    }

    [Fact]
    public void A_layer_that_became_more_sensitive_says_so()
    {
        var old = SampleReports.Of(4);
        var layer = old.Layers[2];
        var fresh = old with
        {
            Layers = old.Layers.SetItem(2, layer with
            {
                Chosen = layer.Chosen with { Weights = 8 },
                Sensitivity = [new SensitivityFacts { Weights = 4, Damage = 0.05 }, new SensitivityFacts { Weights = 8, Damage = 0.001 }],
            }),
        };
        var change = ReportDiff.Between(old, fresh).Layers[2];
        Assert.Equal(["4-bit weights hurt 0.0500 nats where they hurt 0.00500"], change.Reasons);
    }

    [Fact]
    public void Where_the_target_is_measured_forms_and_regions_are_compared_and_times_alone_are_no_change()
    {
        var sample = SampleReports.Of(3);
        ReportModel With(params (string Form, int? Region, double Ms)[] placed) => sample with
        {
            Layers = [.. sample.Layers.Select((l, i) => l with { Placement = new PlacementFacts { Form = placed[i].Form, Region = placed[i].Region, MeasuredMs = placed[i].Ms, FloatMs = 0.4 } })],
        };
        var diff = ReportDiff.Between(With(("float", null, 0.4), ("integers", 1, 0.2), ("integers", 1, 0.3)), With(("integers", 1, 0.1), ("integers", 1, 0.21), ("dynamic integers", null, 0.25)));
        Assert.Equal([LayerFate.Changed, LayerFate.Same, LayerFate.Changed], diff.Layers.Select(l => l.Fate));
        Assert.Equal(("float", "integers, region 1"), (diff.Layers[0].Form.Old, diff.Layers[0].Form.New));
        Assert.Equal((0.4, 0.1), (diff.Layers[0].LatencyMs.Old, diff.Layers[0].LatencyMs.New));
        Assert.Equal(["it takes 0.100 ms of this file's time, and 0.400 ms of the float file's"], diff.Layers[0].Reasons);
        Assert.Equal(("integers, region 1", "dynamic integers"), (diff.Layers[2].Form.Old, diff.Layers[2].Form.New));
    }

    [Fact]
    public void Cost_pinning_and_shape_of_the_layer_itself_come_before_the_rest_of_the_network()
    {
        var old = SampleReports.Of(4);
        var layer = old.Layers[1];
        var fresh = old with
        {
            Layers = old.Layers.SetItem(1, layer with
            {
                Shape = "Conv 5x5/1 16->16 28x28", Pinned = "'layers:' of the manifest", Chosen = layer.Chosen with { Weights = 8 },
                At8Bit = layer.At8Bit with { Cycles = layer.At8Bit.Cycles * 2, LatencyMs = layer.At8Bit.LatencyMs * 2 },
            }),
        };
        var reasons = ReportDiff.Between(old, fresh).Layers[1].Reasons;
        Assert.Equal(3, reasons.Length);
        Assert.StartsWith("its shape changed", reasons[0], StringComparison.Ordinal);
        Assert.StartsWith("it is pinned now", reasons[1], StringComparison.Ordinal);
        Assert.Contains("at 8 bit where it cost", reasons[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_are_matched_by_name_wherever_they_moved()
    {
        var old = SampleReports.Of(4, i => "abcd"[i].ToString());
        var fresh = SampleReports.Of(4, i => "axbd"[i].ToString());
        var diff = ReportDiff.Between(old, fresh);
        Assert.Equal(["a", "x", "b", "c", "d"], diff.Layers.Select(l => l.Name));
        Assert.Equal(LayerFate.Added, diff.Layers[1].Fate);
        Assert.Equal(LayerFate.Removed, diff.Layers[3].Fate);
        Assert.Null(diff.Layers[3].Bits.New);
    }

    [Fact]
    public void The_json_names_every_figure_before_and_after()
    {
        var old = SampleReports.Of(3);
        using var json = JsonDocument.Parse(JsonReport.Write(ReportDiff.Between(old, old with { Hardware = old.Hardware with { Name = "other" } })));
        Assert.Equal("other", json.RootElement.GetProperty("hardware").GetProperty("new").GetString());
        Assert.Equal("same", json.RootElement.GetProperty("layers")[0].GetProperty("fate").GetString());
        Assert.Equal(old.Layers[0].Chosen.Cycles, json.RootElement.GetProperty("layers")[0].GetProperty("cycles").GetProperty("old").GetInt64());
        Assert.Contains("hardware changed", json.RootElement.GetProperty("causes")[0].GetString(), StringComparison.Ordinal);
    }
}
