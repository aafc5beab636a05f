using System.Text.Json;
using System.Xml.Linq;
using Haq.Engine.Diagnostics;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Checks;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Tests.Reporting.Checks;

public sealed class CheckFormatsTests
{
    private static CheckRun Run(double latencyFactor, string name = "net.onnx", double accuracyDrop = 1)
    {
        var report = SampleReports.Of();
        report = report with
        {
            Model = report.Model with { File = name },
            Warnings = [new WarningFacts { Code = "HAQ0901", Message = "stands for a warning", File = "haq.yaml", Line = 3, Column = 7 }],
            Budget = new BudgetFacts { LatencyMs = report.Cost.LatencyMs * latencyFactor, AccuracyDrop = accuracyDrop },
        };
        return new CheckRun(new SourceLocation("models/my net/haq.yaml", 9, 12), report, ReportChecks.Run(report));
    }

    private static JsonElement Sarif(params CheckRun[] runs) => JsonDocument.Parse(SarifLog.Write(runs)).RootElement;

    [Fact]
    public void Sarif_holds_what_broke_where_it_was_asked_for()
    {
        var log = Sarif(Run(0.5));
        Assert.Equal("2.1.0", log.GetProperty("version").GetString());
        var run = log.GetProperty("runs")[0];
        var results = run.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(["error", "warning"], results.Select(r => r.GetProperty("level").GetString()));
        Assert.Equal("HAQ0902", results[0].GetProperty("ruleId").GetString());
        var rules = run.GetProperty("tool").GetProperty("driver").GetProperty("rules");
        Assert.All(results, r => Assert.Equal(r.GetProperty("ruleId").GetString(), rules[r.GetProperty("ruleIndex").GetInt32()].GetProperty("id").GetString()));
        var place = results[0].GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.Equal("models/my%20net/haq.yaml", place.GetProperty("artifactLocation").GetProperty("uri").GetString());
        Assert.Equal((9, 12), (place.GetProperty("region").GetProperty("startLine").GetInt32(), place.GetProperty("region").GetProperty("startColumn").GetInt32()));
        Assert.Equal(3, results[1].GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("region").GetProperty("startLine").GetInt32());
    }

    [Fact]
    public void A_budget_that_stays_broken_stays_one_alert_and_another_is_another()
    {
        string first = Fingerprint(Run(0.5)), later = Fingerprint(Run(0.4)), other = Fingerprint(Run(0.5, "other.onnx"));
        Assert.Equal(first, later);
        Assert.NotEqual(first, other);
        Assert.Equal(2, Sarif(Run(0.5, accuracyDrop: 0.1)).GetProperty("runs")[0].GetProperty("results").EnumerateArray()
            .Where(r => r.GetProperty("level").GetString() == "error").Select(r => r.GetProperty("partialFingerprints").GetProperty("haqCheck/v1").GetString()).Distinct().Count());

        static string Fingerprint(CheckRun run) =>
            Sarif(run).GetProperty("runs")[0].GetProperty("results")[0].GetProperty("partialFingerprints").GetProperty("haqCheck/v1").GetString()!;
    }

    [Fact]
    public void Sarif_without_a_finding_has_no_results()
    {
        var clean = Run(1.5);
        clean = clean with { Report = clean.Report! with { Warnings = [] } };
        Assert.Empty(Sarif(clean).GetProperty("runs")[0].GetProperty("results").EnumerateArray());
        Assert.Empty(Sarif().GetProperty("runs")[0].GetProperty("results").EnumerateArray());
    }

    [Fact]
    public void JUnit_has_a_suite_per_model_and_a_case_per_limit()
    {
        string text = JUnitLog.Write([Run(0.5), Run(1.5, "a\u0001<b>&\"'\ud800.onnx")]);
        Assert.StartsWith("<?xml version=\"1.0\" encoding=\"utf-8\"?>", text, StringComparison.Ordinal);
        var suites = XDocument.Parse(text).Root!;
        Assert.Equal(("4", "1"), (suites.Attribute("tests")!.Value, suites.Attribute("failures")!.Value));
        var broken = suites.Elements("testsuite").First();
        Assert.Equal("net.onnx for bismo-edge", broken.Attribute("name")!.Value);
        var failure = Assert.Single(broken.Descendants("failure"));
        Assert.Equal("HAQ0902", failure.Attribute("type")!.Value);
        Assert.Equal("latency budget", failure.Parent!.Attribute("name")!.Value);
        Assert.Empty(suites.Elements("testsuite").Last().Descendants("failure"));
        Assert.Contains("<b>&\"'", suites.Elements("testsuite").Last().Attribute("name")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_puts_failures_first_and_names_the_remedy()
    {
        string text = MarkdownReport.Checks([Run(0.5)]);
        Assert.StartsWith("## :x: 1 of 2 limits broken\n", text, StringComparison.Ordinal);
        Assert.True(text.IndexOf("| :x: | latency budget", StringComparison.Ordinal) < text.IndexOf("| :white_check_mark: | accuracy gate", StringComparison.Ordinal));
        Assert.Contains("**HAQ0902**", text, StringComparison.Ordinal);
        Assert.StartsWith("## :white_check_mark: All 2 limits kept", MarkdownReport.Checks([Run(1.5)]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a|b", "a\\|b")]
    [InlineData("<details>", "&lt;details>")]
    [InlineData("[x](http://y)", "\\[x\\](http://y)")]
    [InlineData("@someone `code` **bold**\n# head", "\\@someone \\`code\\` \\*\\*bold\\*\\* \\# head")]
    public void Markdown_keeps_names_text(string name, string shown)
    {
        string text = MarkdownReport.Summary(SampleReports.Of(3, i => i == 1 ? name : $"l{i}"));
        Assert.Contains($"| {shown} |", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_summary_holds_the_figures_of_the_report()
    {
        string text = MarkdownReport.Summary(SampleReports.Of());
        Assert.Contains("| Top-1 | 92.40 % | 92.90 % | 93.10 % |", text, StringComparison.Ordinal);
        Assert.Contains("| conv\\_0 (pinned) | 8 | 8 |", text, StringComparison.Ordinal);
        Assert.Contains("0.70 points of top-1", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_are_relative_to_the_repository()
    {
        string root = Directory.CreateTempSubdirectory("haq-path").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, ".git"));
            Directory.CreateDirectory(Path.Combine(root, "a", "b"));
            Assert.Equal("a/b/haq.yaml", RepositoryPath.Of("b/haq.yaml", Path.Combine(root, "a")));
            Directory.Delete(Path.Combine(root, ".git"));
            Assert.Equal("b/haq.yaml", RepositoryPath.Of("b/haq.yaml", Path.Combine(root, "a")));
            Assert.Equal("haq.yaml", RepositoryPath.Of("../haq.yaml", Path.Combine(root, "a")));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
