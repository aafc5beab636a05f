using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Haq.Engine.Hardware;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Tests.Reporting;

public sealed partial class HtmlReportTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(28)]
    [InlineData(1000)]
    public void Every_layer_has_its_bar_its_point_its_column_and_its_row(int layers)
    {
        var page = Parse(HtmlReport.Write(SampleReports.Of(layers)));
        var marks = page.Descendants("g").Where(g => g.Attribute("data-layer") is not null).GroupBy(g => g.Attribute("data-layer")!.Value).ToList();
        Assert.Equal(layers, marks.Count);
        Assert.All(marks, m => Assert.Equal(4, m.Count()));
        Assert.Equal(marks.Select(m => $"layer-{m.Key}"), page.Descendants("tr").Attributes("id").Select(a => a.Value));
    }

    [Fact]
    public void The_page_asks_for_nothing_and_runs_only_its_own_script()
    {
        string html = HtmlReport.Write(SampleReports.Of());
        Assert.DoesNotContain("http://", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(?i)\ssrc=|@import|url\((?!#)", html);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(html, "<script"));
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    [InlineData("' onmouseover='alert(1)")]
    [InlineData("</title></svg><b>")]
    [InlineData("a&amp;b ]]> <!-- {{x}} ${y}")]
    [InlineData("null\0bell\u0007esc\u001b[31m")]
    [InlineData("over\u202eride\u2066")]
    [InlineData("half\ud800surrogate")]
    public void Hostile_names_stay_text(string name)
    {
        var report = SampleReports.Of(3, i => i + name);
        var hostile = report with
        {
            Model = report.Model with { File = name + ".onnx" },
            Hardware = report.Hardware with { Name = name, Kind = name, Provenance = name, Assumptions = [name] },
            Warnings = [new WarningFacts { Code = name, Message = name, File = name }],
            Unquantized = [new UnquantizedFacts { Name = name, Op = name, Reason = name }],
            Files = [new FileFacts { Role = name, Name = name, Bytes = 1 }],
            Steps = [new StepFacts { Name = name, Detail = name }],
            EvaluatedOn = name,
        };
        var page = Parse(HtmlReport.Write(hostile));
        string[] expected = [.. Parse(HtmlReport.Write(report)).Descendants().Select(e => e.Name.LocalName).Distinct().Order()];
        Assert.Equal(expected, page.Descendants().Select(e => e.Name.LocalName).Distinct().Order());
        Assert.DoesNotContain(page.Descendants().Attributes(), a => a.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.Contains(page.Descendants("bdi"), b => b.Value.StartsWith('0'));
    }

    [Fact]
    public void Pictures_are_named_and_tables_have_headers()
    {
        var page = Parse(HtmlReport.Write(SampleReports.Of(5)));
        var pictures = page.Descendants("svg").Where(s => s.Attribute("role")?.Value == "img").ToList();
        Assert.Equal(6, pictures.Count);
        var ids = page.Descendants().Attributes("id").Select(a => a.Value).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(pictures, p => Assert.All(p.Attribute("aria-labelledby")!.Value.Split(' '), id => Assert.Contains(id, ids)));
        Assert.All(page.Descendants("table"), t =>
        {
            Assert.NotNull(t.Element("caption"));
            int columns = t.Element("thead")!.Element("tr")!.Elements("th").Count(h => h.Attribute("scope")?.Value == "col");
            Assert.All(t.Element("tbody")!.Elements("tr"), r => Assert.Equal(columns, r.Elements().Count()));
        });
        int[] levels = [.. page.Descendants().Where(e => e.Name.LocalName is "h1" or "h2" or "h3").Select(e => e.Name.LocalName[1] - '0')];
        Assert.Equal(1, levels[0]);
        Assert.Single(levels, 1);
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1));
    }

    [Fact]
    public void Every_score_is_a_cell_in_the_shade_of_its_damage()
    {
        var report = SampleReports.Of(6);
        var page = Parse(HtmlReport.Write(report));
        var shades = page.Descendants("path").Where(p => p.Attribute("class")?.Value.StartsWith("heat", StringComparison.Ordinal) == true)
            .ToDictionary(p => p.Attribute("class")!.Value, p => p.Attribute("d")!.Value.Count(c => c == 'M'));
        Assert.Equal(report.Layers.Sum(l => l.Sensitivity.Length), shades.Values.Sum());
        // 0.005 nats at 4 bit and 0.001 at 8 bit are both within the decade that ends at 0.01.
        Assert.Equal(new Dictionary<string, int> { ["heat h2"] = 12 }, shades);
    }

    [Fact]
    public void Nothing_is_drawn_outside_of_its_picture()
    {
        var page = Parse(HtmlReport.Write(SampleReports.Of(40)));
        foreach (var attribute in page.Descendants().Attributes().Where(a => a.Name.LocalName is "x" or "cx" or "x1" or "x2" && a.Value.EndsWith('%')))
            Assert.InRange(double.Parse(attribute.Value.TrimEnd('%'), CultureInfo.InvariantCulture), 0, 100);
    }

    [Fact]
    public void The_smallest_report_is_a_whole_page()
    {
        var full = SampleReports.Of(1);
        var bare = full with
        {
            Float = null, Quantized = null, EvaluatedOn = null, Search = null, Pareto = [], Steps = [], OutputDifference = null, Files = [], Unquantized = [], Warnings = [],
            Timings = null, Baselines = [], Budget = new BudgetFacts(), Hardware = full.Hardware with { BandwidthGBPerSecond = null, ClockMhz = null, Provenance = null, Assumptions = [] },
            Layers = [full.Layers[0] with
            {
                Damage = null, Sensitivity = [], SqnrDb = null, Saturation = null, Why = null, Pinned = null,
                Chosen = full.Layers[0].Chosen with { MacsPerByte = null, Energy = null, Cycles = 0, LatencyMs = 0, AchievedGmacs = 0, Utilization = 0, Bound = Bound.Unknown },
            }],
            Cost = full.Cost with { EnergyMj = null, Cycles = 0 },
        };
        var page = Parse(HtmlReport.Write(bare));
        Assert.DoesNotContain("NaN", page.ToString(), StringComparison.Ordinal);
        Assert.Contains(page.Descendants("h2"), h => h.Value == "Bits of every layer");
        Assert.DoesNotContain(page.Descendants("h2"), h => h.Value == "What holds the layers up");
    }

    [Fact]
    public void Same_report_same_bytes() => Assert.Equal(HtmlReport.Write(SampleReports.Of(9)), HtmlReport.Write(SampleReports.Of(9)));

    [Fact]
    public void The_bar_of_a_layer_is_as_long_as_its_bits()
    {
        var page = Parse(HtmlReport.Write(SampleReports.Of(2, bits: i => i == 0 ? (4, 8) : (8, 2))));
        var bars = page.Descendants("g").First(g => g.Attribute("data-layer")?.Value == "0").Elements("rect").Where(r =>
            r.Attribute("class")!.Value.StartsWith("fill", StringComparison.Ordinal)).ToList();
        Assert.Equal(2 * Height(bars[0]), Height(bars[1]));
    }

    private static int Height(XElement bar) => int.Parse(bar.Attribute("height")!.Value, CultureInfo.InvariantCulture);

    // The page is written so that, scripts and styles aside, it is well-formed XML too: a tag that a name broke open shows at once.
    private static XElement Parse(string html) =>
        XDocument.Parse(Verbatim().Replace(html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal), "<$1/>")).Root!;

    [GeneratedRegex("<(script|style)>.*?</\\1>", RegexOptions.Singleline)]
    private static partial Regex Verbatim();
}
