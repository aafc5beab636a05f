using System.Text.Json;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Quantization.Tensors;
using Haq.Engine.Reporting;
using Haq.Engine.Tests.Quantization.Tensors;

namespace Haq.Engine.Tests.Reporting;

/// <summary>What a report says of widths: shares, the graph, and whom the file is for.</summary>
public sealed class WidthReportTests
{
    [Fact]
    public void The_graph_of_what_has_a_width_leads_from_the_input_to_the_output()
    {
        var model = QuantizableModel.Prepare(AttentionNetwork.Model(), new PreparationOptions { Between = BetweenLayers.Tensors });
        var items = model.Items;
        var sources = ItemGraph.SourcesOf(model);
        string[] Of(string name) => [.. sources[items.Single(i => i.Name == name).Index].Select(s => items[s].Name).Order(StringComparer.Ordinal)];
        Assert.Equal(["x"], Of("query.MatMul"));
        Assert.Equal(["query.MatMul"], Of("query"));
        Assert.Equal(["key.MatMul"], Of("key_t"));
        Assert.Equal(["key_t", "query"], Of("scores"));
        Assert.Equal(["mask", "scores"], Of("masked"));
        Assert.Equal(["attended", "x"], Of("stream"));
        // A normalization is a function of the stream alone.
        Assert.Equal(["stream"], Of("normal"));
        Assert.Equal(["normal"], Of("up.MatMul"));
        Assert.Equal(["narrow", "normal"], Of("y"));
    }

    [Fact]
    public void Shares_count_a_tensor_once_and_the_note_is_for_16_bits_alone()
    {
        var report = SampleReports.Of(4, bits: i => (8, i == 2 ? 16 : 8));
        report = report with { Layers = [.. report.Layers.Select(l => l with { ActivationElements = l.Index == 2 ? 100 : 300, ActivationGroup = l.Index == 1 ? 0 : l.Index })] };
        Assert.Equal([(8, 6 / 7.0), (16, 1 / 7.0)], report.ActivationShares.Select(s => (s.Bits, s.Share)), (a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-12);
        Assert.Contains("no integer kernels for activations of 16 bits", report.Note, StringComparison.Ordinal);
        Assert.Null(SampleReports.Of(4, bits: i => (8, i == 2 ? 32 : 8)).Note);
        foreach (string text in (string[])[HtmlReport.Write(report), MarkdownReport.Summary(report)])
        {
            Assert.Contains("f all activations 85.7 % have 8 bits, 14.3 % have 16 bits.", text, StringComparison.Ordinal);
            Assert.Contains("This file is for an NPU", text, StringComparison.Ordinal);
        }
        var json = JsonDocument.Parse(JsonReport.Write(report)).RootElement;
        Assert.Equal(16, json.GetProperty("activationShares")[1].GetProperty("bits").GetInt32());
        Assert.StartsWith("This file is for an NPU", json.GetProperty("note").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_draws_every_layer_and_tensor_with_its_width_and_every_wire_to_the_right()
    {
        var plain = SampleReports.Of(4, bits: i => (8, i == 2 ? 16 : 8));
        Assert.DoesNotContain("Widths on the graph", HtmlReport.Write(plain), StringComparison.Ordinal);
        var report = plain with { Layers = [.. plain.Layers.Select(l => l with { Op = l.Index == 3 ? "Tensor" : l.Op, Sources = l.Index switch { 1 or 2 => [0], 3 => [1, 2], _ => [] } })] };
        string page = HtmlReport.Write(report);
        string graph = page[page.IndexOf("Widths on the graph", StringComparison.Ordinal)..];
        graph = graph[..graph.IndexOf("</svg>", StringComparison.Ordinal)];
        Assert.Equal((3, 1, 4), (Count(graph, "<rect class=\"node\""), Count(graph, "<circle class=\"node\""), Count(graph, "<path d=\"M")));
        Assert.Equal(1, Count(graph, "class=\"mark wide\""));
        foreach (System.Text.RegularExpressions.Match wire in System.Text.RegularExpressions.Regex.Matches(graph, @"d=""M(\d+) \d+C.* (\d+) \d+"""))
            Assert.True(int.Parse(wire.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) < int.Parse(wire.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
