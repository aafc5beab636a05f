using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Reporting.Matrix;

namespace Haq.Engine.Tests.Reporting.Matrix;

public sealed partial class MatrixReportTests
{
    private static readonly MatrixReport s_report = new()
    {
        Engine = "0.1.0",
        Cells =
        [
            Built("a/haq.yaml", "edge"),
            Built("a/haq.yaml", "cloud") with { State = MatrixStates.GateBroken, Errors = [new WarningFacts { Code = "HAQ0905", Message = "lost | <b>too</b> much" }] },
            new() { Manifest = "b & c/<haq>.yaml", Target = "edge", State = MatrixStates.Failed, Errors = [new WarningFacts { Code = "HAQ0006", Message = "no such file" }] },
            new() { Manifest = "b & c/<haq>.yaml", Target = "cloud", State = MatrixStates.NotStarted },
        ],
    };

    [Fact]
    public void All_forms_say_the_same_figures()
    {
        var rows = Rows();
        var lines = MatrixMarkdown.Write(s_report).Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(Cells(lines[0]).Length, rows[0].Length);
        for (int i = 0; i < rows.Length; i++)
        {
            // The first is a link; what Markdown escapes is text in the page.
            Assert.Equal(rows[i][2..], Cells(lines[i + 1])[2..]);
        }
        var json = JsonDocument.Parse(JsonReport.Write(s_report)).RootElement;
        Assert.Equal(MatrixReport.CurrentSchema, json.GetProperty("schema").GetInt32());
        Assert.Equal(4, json.GetProperty("cells").GetArrayLength());
        var first = json.GetProperty("cells")[0];
        Assert.Equal(92.4, first.GetProperty("quantized").GetProperty("top1").GetDouble());
        Assert.Equal("ok", first.GetProperty("state").GetString());
        Assert.Contains("92.40 %", rows[0]);
        Assert.Contains("\u22120.70 ± 0.30", rows[0]);
        Assert.Contains("80.0 %", rows[0]);
    }

    [Fact]
    public void The_page_is_well_formed_escaped_and_links_to_every_report_that_there_is()
    {
        string html = MatrixPage.Write(s_report);
        var page = Parse(html);
        Assert.DoesNotContain("<haq>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>too", html, StringComparison.Ordinal);
        string[] links = [.. page.Descendants("a").Attributes("href").Select(a => a.Value).Where(l => l != "#main")];
        // Two cells with a report, in the overview and in the table each.
        Assert.Equal(["a/x%20%231.report.html"], links.Distinct());
        Assert.Equal(4, links.Length);
        Assert.Equal(html, MatrixPage.Write(s_report));
        Assert.Contains("2 of 4 built, 1 with a broken gate, 1 failed, 1 not started", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_keeps_text_from_outside_in_its_cell()
    {
        string text = MatrixMarkdown.Write(s_report);
        Assert.Contains("lost \\| &lt;b>too", text, StringComparison.Ordinal);
        Assert.Contains("[a/haq.yaml](a/x%20%231.report.html)", text, StringComparison.Ordinal);
        int width = text.Split('\n').First(l => l.StartsWith("| Manifest", StringComparison.Ordinal)).Count(c => c == '|');
        Assert.All(text.Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal)), line => Assert.Equal(width, line.Count(c => c == '|')));
    }

    [Fact]
    public void What_is_unknown_sorts_before_all_that_is_known()
    {
        var orders = Parse(MatrixPage.Write(s_report)).Descendants("table").Last().Descendants("tr").Skip(1).Select(r => (double?)r.Elements().ElementAt(5).Attribute("data-v")).ToArray();
        Assert.All(orders, o => Assert.NotNull(o));
        Assert.True(orders[2] < orders[0]);
    }

    [Fact]
    public void A_cells_figures_are_those_of_its_report()
    {
        var report = SampleReports.Of();
        var facts = new MatrixCellFacts { Manifest = "m", Target = "t", State = MatrixStates.Ok }.With(report);
        Assert.Equal(report.Quantized, facts.Delivered);
        Assert.Equal(report.Gain.AccuracyVsFloat, facts.AccuracyVsFloat);
        Assert.Equal(report.Cost.LatencyMs, facts.LatencyMs);
        Assert.Equal(report.FileBytes, facts.FileBytes);
        Assert.Equal(report.EvaluatedOn, facts.EvaluatedOn);
    }

    [Fact]
    public void Run_times_that_decide_nothing_are_in_no_summary()
    {
        var report = SampleReports.Of();
        Assert.NotNull(report.Timings?.RunTime);
        var cell = Built("a", "edge").With(report);
        Assert.Null(cell.TimeVsFloat);
        var times = new MeasuredFacts
        {
            FloatMs = 4, QuantizedMs = 3, UniformInt8Ms = 3.5, PredictedMs = 3.1, Ratio = 0.75, RatioLow = 0.7, RatioHigh = 0.8, Threads = 1, Batch = 1, Processor = "p", Runtime = "1",
        };
        var measured = Built("a", "here").With(report with { Measured = times });
        Assert.Equal(0.75, measured.TimeVsFloat);
        Assert.DoesNotContain("Time of float's", MatrixMarkdown.Write(s_report with { Cells = [cell] }), StringComparison.Ordinal);
        Assert.Contains("| 75.0 % |", MatrixMarkdown.Write(s_report with { Cells = [cell, measured] }), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_with_many_cells_is_said_once_a_manifest()
    {
        var error = new WarningFacts { Code = "HAQ0905", Message = "too much" };
        MatrixCellFacts Broken(string manifest, string target) => Built(manifest, target) with { State = MatrixStates.GateBroken, Errors = [error] };
        var report = s_report with { Cells = [Broken("a", "edge"), Broken("a", "cloud"), .. Enumerable.Range(0, 15).Select(i => Broken($"b{i}", "edge"))] };
        string[] lines = [.. MatrixMarkdown.Write(report).Split('\n').Where(l => l.StartsWith("- :x:", StringComparison.Ordinal))];
        Assert.Equal(16, lines.Length);
        Assert.Equal("- :x: a for edge, cloud: `HAQ0905` too much", lines[0]);
        // Ten are in sight, the others unfold.
        var page = Parse(MatrixPage.Write(report));
        var box = page.Descendants("aside").Single();
        Assert.Equal(10, box.Element("ul")!.Elements("li").Count());
        Assert.Equal("6 more", box.Element("details")!.Element("summary")!.Value);
        Assert.Equal(6, box.Descendants("details").Elements("ul").Elements("li").Count());
    }

    [Fact]
    public void Columns_that_say_nothing_of_any_cell_are_left_out()
    {
        var plain = s_report with { Cells = [Built("a", "edge") with { Budget = null, TimeVsFloat = null }] };
        string head = MatrixMarkdown.Write(plain).Split('\n').First(l => l.StartsWith("| Manifest", StringComparison.Ordinal));
        Assert.DoesNotContain("of budget", head, StringComparison.Ordinal);
        Assert.Contains("| of budget |", MatrixMarkdown.Write(s_report), StringComparison.Ordinal);
    }

    private static MatrixCellFacts Built(string manifest, string target) => new()
    {
        Manifest = manifest, Target = target, State = MatrixStates.Ok, Model = "net.onnx", Metric = "top1", EvaluatedOn = "1000 images", Report = "a/x #1.report.html",
        Float = new AccuracyFacts { Top1 = 93.1, Samples = 1000 }, Quantized = new AccuracyFacts { Top1 = 92.4, Samples = 1000 }, AccuracyVsFloat = -0.7, AccuracyStandardError = 0.3,
        Budget = new BudgetFacts { LatencyMs = 5 }, LatencyMs = 4, SizeBytes = 1000, FileBytes = 1200, FloatFileBytes = 4000, TimeVsFloat = 0.5,
    };

    private static string[][] Rows() =>
        [.. Parse(MatrixPage.Write(s_report)).Descendants("table").Last().Element("tbody")!.Elements("tr").Select(r => r.Elements().Select(c => c.Value.Trim()).ToArray())];

    private static string[] Cells(string line) => [.. line.Trim('|').Split(" | ").Select(c => c.Trim(' ', '|').Replace("\\", "", StringComparison.Ordinal))];

    // Scripts and styles aside, the page is well-formed XML.
    private static XElement Parse(string html) => XDocument.Parse(Verbatim().Replace(html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal), "<$1/>")).Root!;

    [GeneratedRegex("<(script|style)>.*?</\\1>", RegexOptions.Singleline)]
    private static partial Regex Verbatim();
}
