using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Tests.Reporting;

/// <summary>A simulated latency has what is known of its error beside it, and says once where nothing is.</summary>
public sealed class LatencyErrorTests
{
    private static readonly ReportModel s_unknown = SampleReports.Of();

    private static readonly ReportModel s_known =
        s_unknown with { Hardware = s_unknown.Hardware with { ExpectedError = new ExpectedErrorFacts { Percent = 12, Rows = 1305, Of = "published <rows>" } } };

    [Fact]
    public void What_is_known_stands_beside_the_latency()
    {
        string time = Figure.Time(s_known.Cost.LatencyMs);
        Assert.Contains("Simulated on bismo-edge (latencies ± 12 %, from 1,305 published <rows>): ", Headline.Of(s_known), StringComparison.Ordinal);
        Assert.Contains($"| Latency | {time} ± 12 % |", MarkdownReport.Summary(s_known), StringComparison.Ordinal);
        string page = HtmlReport.Write(s_known);
        Assert.Contains($"{time} <small>± 12 %</small>", page, StringComparison.Ordinal);
        Assert.Contains("from 1,305 published &lt;rows&gt;", page, StringComparison.Ordinal);
        Assert.Equal(s_known.Hardware.ExpectedError, JsonReport.Read(JsonReport.Write(s_known), "r.json").Hardware.ExpectedError);
    }

    [Fact]
    public void Where_nothing_is_known_the_report_says_so_once()
    {
        Assert.Single(Split(HtmlReport.Write(s_unknown)));
        Assert.Single(Split(MarkdownReport.Summary(s_unknown)));
        Assert.DoesNotContain("±", MarkdownReport.Summary(s_unknown).Split('\n').Single(l => l.StartsWith("| Latency |", StringComparison.Ordinal)), StringComparison.Ordinal);

        // What lies behind each mention, short of the script's copy of the report.
        static string[] Split(string text) => text.Split("<script", 2)[0].Split("no measurement to compare with")[1..];
    }

    [Fact]
    public void A_latency_that_was_measured_has_no_such_error()
    {
        var measured = s_known with
        {
            Measured = new MeasuredFacts
            {
                FloatMs = 2, QuantizedMs = 1, UniformInt8Ms = 1.1, PredictedMs = 1, Ratio = 0.5, RatioLow = 0.49, RatioHigh = 0.51, Threads = 1, Batch = 1, Processor = "p", Runtime = "1",
                Integers = 3,
                Operators = 4, Files = [],
            },
        };
        Assert.DoesNotContain("± 12 %", Headline.Of(measured), StringComparison.Ordinal);
        Assert.DoesNotContain("± 12 %", HtmlReport.Write(measured), StringComparison.Ordinal);
    }
}
