using System.Text.Json;
using System.Text.Json.Nodes;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Tests.Reporting;

public sealed class JsonReportTests
{
    [Fact]
    public void What_is_written_reads_back_to_the_same_bytes()
    {
        string json = JsonReport.Write(SampleReports.Of(5));
        Assert.Equal(json, JsonReport.Write(JsonReport.Read(json, "r.json")));
    }

    [Fact]
    public void Accuracies_have_the_names_that_scripts_read_everywhere()
    {
        using var json = JsonDocument.Parse(JsonReport.Write(SampleReports.Of()));
        var root = json.RootElement;
        Assert.Equal(1, root.GetProperty("schema").GetInt32());
        Assert.Equal(93.1, root.GetProperty("float").GetProperty("top1").GetDouble());
        Assert.Equal(["top1", "top5", "agreement", "loss", "sqnrDb", "samples"], root.GetProperty("quantized").EnumerateObject().Select(p => p.Name));
        Assert.False(root.TryGetProperty("finetuned", out _));
        Assert.Equal("weight-fetch", root.GetProperty("layers")[1].GetProperty("chosen").GetProperty("bound").GetString());
    }

    [Fact]
    public void The_headline_is_the_quotient_of_the_figures_below_it()
    {
        var report = SampleReports.Of();
        Assert.Equal(report.Cost.LatencyMs / report.CostAt8Bit.LatencyMs, report.Gain.LatencyVs8Bit);
        Assert.Equal(-0.7, report.Gain.AccuracyVsFloat!.Value, 1e-9);
        Assert.Equal(-0.5, report.Gain.AccuracyVs8Bit!.Value, 1e-9);
        Assert.Equal("top1", report.Gain.AccuracyMetric);
    }

    [Fact]
    public void Without_labels_the_headline_is_agreement()
    {
        var report = SampleReports.Of();
        report = report with { Float = report.Float! with { Top1 = null }, Quantized = report.Quantized! with { Top1 = null } };
        Assert.Equal("agreement", report.Gain.AccuracyMetric);
        Assert.Equal(-2.5, report.Gain.AccuracyVsFloat!.Value, 1e-9);
        Assert.Equal(-1.5, report.Gain.AccuracyVs8Bit!.Value, 1e-9);
    }

    [Theory]
    [InlineData("cosine", "the output at cosine 0.99900 to float's.")]
    [InlineData("sqnr", "the output's noise 31.0 dB below float's signal.")]
    [InlineData(null, "for 0.70 points of top-1.")]
    public void The_sentence_names_what_was_asked_for(string? metric, string end)
    {
        var report = SampleReports.Of();
        report = report with { Metric = metric, Quantized = report.Quantized! with { Cosine = 0.999, SqnrDb = 31 } };
        Assert.Contains(end + " Simulated on bismo-edge (no measurement to compare with): ", Headline.Of(report), StringComparison.Ordinal);
    }

    [Fact]
    public void The_sentence_claims_nothing_that_is_not_there()
    {
        var report = SampleReports.Of();
        report = report with
        {
            Float = report.Float! with { Top1 = null }, Quantized = report.Quantized! with { Top1 = null, Agreement = 100 },
            Cost = report.CostAt8Bit with { SizeBytes = report.Model.FloatBytes * 0.999 }, Finetuned = null,
            Files = [.. report.Files.Select(f => f with { Bytes = 1000 })], Timings = null, Search = null,
        };
        Assert.Equal("File no smaller than float's, agreeing with float on every sample. Simulated on bismo-edge (no measurement to compare with): no gain in speed against uniform 8 bit.", Headline.Of(report));
    }

    [Theory]
    [InlineData(2.0, 3.0, 0.1, "times smaller than float's, 1.5 times slower in ONNX Runtime here")]
    [InlineData(3.0, 2.0, 0.1, "times smaller than float's, 1.5 times faster in ONNX Runtime here")]
    [InlineData(2.0, 3.0, 0.8, "times smaller than float's, for")] // too noisy to tell
    [InlineData(2.0, 2.05, 0.001, "times smaller than float's, for")]
    public void The_file_comes_first_with_its_size_and_its_time(double before, double after, double spread, string part)
    {
        var report = SampleReports.Of();
        var run = new RunTimeFacts { FloatMsPerImage = before, QuantizedMsPerImage = after, FloatSpreadMs = spread, QuantizedSpreadMs = spread, Threads = 1, Batch = 1, Runs = 9 };
        Assert.Contains(part, Headline.Of(report with { Timings = new TimingFacts { RunTime = run } }), StringComparison.Ordinal);
        Assert.Equal(900.0 / 4000, report.Gain.FileVsFloat);
    }

    [Theory]
    [InlineData(91.1, "; 1.30 points better than uniform 4 bit, the best uniform policy within the budget.")]
    [InlineData(92.4, "; level with uniform 4 bit, the best uniform policy within the budget.")]
    [InlineData(92.5, "; on these samples 0.10 points below uniform 4 bit, the best uniform policy within the budget.")]
    public void What_a_search_gains_is_told_against_the_best_uniform_policy_that_keeps_the_budget(double top1, string end)
    {
        // 8 bit is better, and does not keep the budget.
        var report = SampleReports.Of();
        report = report with
        {
            Budget = report.Budget with { LatencyMs = report.Cost.LatencyMs }, Finetuned = null,
            Baselines = [report.Baselines[0], report.Baselines[1] with { Quantized = report.Quantized! with { Top1 = top1 } }],
        };
        Assert.EndsWith(end, Headline.Of(report), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(92.5, 0.06, "; level with uniform 4 bit, the best uniform policy within the budget, as far as these samples tell (0.10 ± 0.06 points below)")]
    [InlineData(91.9, 0.3, "; level with uniform 4 bit, the best uniform policy within the budget, as far as these samples tell (0.50 ± 0.30 points above)")]
    [InlineData(92.5, 0.04, "; on these samples 0.10 points below uniform 4 bit, the best uniform policy within the budget.")]
    [InlineData(91.1, 0.3, "; 1.30 points better than uniform 4 bit, the best uniform policy within the budget.")]
    public void A_difference_that_the_samples_cannot_tell_is_none_and_what_it_costs_is_said(double top1, double error, string part)
    {
        var report = SampleReports.Of();
        var uniform = report.Baselines[1] with { Quantized = report.Quantized! with { Top1 = top1 }, StandardError = error };
        report = report with
        {
            Budget = report.Budget with { LatencyMs = report.Cost.LatencyMs }, Finetuned = null,
            Baselines = [report.Baselines[0], uniform with { Cost = report.Cost with { SizeBytes = 1.25 * report.Cost.SizeBytes } }],
        };
        string headline = Headline.Of(report);
        Assert.Contains(part, headline, StringComparison.Ordinal);
        Assert.Equal(part.StartsWith("; level", StringComparison.Ordinal), headline.EndsWith(", with 20 % less memory for parameters.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_uniform_policy_that_was_taken_is_said_to_be()
    {
        var report = SampleReports.Of();
        Assert.EndsWith("; uniform 5 bit, as good as the mixed policy that was found and cheaper.", Headline.Of(report with { Search = report.Search! with { Uniform = 5 } }), StringComparison.Ordinal);
    }

    [Fact]
    public void Timings_can_be_left_out_and_nothing_else_changes()
    {
        var report = SampleReports.Of();
        string without = JsonReport.Write(report.WithoutTimings());
        Assert.DoesNotContain("timings", without, StringComparison.Ordinal);
        var whole = JsonNode.Parse(JsonReport.Write(report))!.AsObject();
        whole.Remove("timings");
        Assert.True(JsonNode.DeepEquals(whole, JsonNode.Parse(without)));
    }

    [Fact]
    public void A_figure_that_is_not_finite_reads_as_unknown()
    {
        var report = SampleReports.Of();
        report = report with { Quantized = report.Quantized! with { SqnrDb = double.PositiveInfinity } };
        Assert.Null(JsonReport.Read(JsonReport.Write(report), "r.json").Quantized!.SqnrDb);
    }

    [Fact]
    public void Names_from_a_later_engine_are_skipped()
    {
        var json = JsonNode.Parse(JsonReport.Write(SampleReports.Of()))!.AsObject();
        json["somethingNew"] = 1;
        Assert.Equal(3, JsonReport.Read(json.ToJsonString(), "r.json").Layers.Length);
    }

    [Theory]
    [InlineData("", "not a report that can be read")]
    [InlineData("null", "no 'schema'")]
    [InlineData("[]", "no 'schema'")]
    [InlineData("{\"schema\": 1}", "not a report that can be read")]
    [InlineData("{\"schema\": 99}", "schema 99")]
    [InlineData("{\"schema\": \"1\"}", "no 'schema'")]
    public void What_is_no_report_is_refused_by_name(string json, string said)
    {
        var e = Assert.Throws<HaqException>(() => JsonReport.Read(json, "some.json"));
        Assert.Equal("HAQ0901", e.Diagnostic.Descriptor.Code);
        Assert.StartsWith("some.json", e.Diagnostic.ToString(), StringComparison.Ordinal);
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_report_is_refused_wherever_it_ends()
    {
        string json = JsonReport.Write(SampleReports.Of(2)).TrimEnd();
        for (int length = 0; length < json.Length; length += 7)
            Assert.Throws<HaqException>(() => JsonReport.Read(json[..length], "r.json"));
    }

    [Theory]
    [InlineData("layers.0.chosen.weights", "0", "has 0 bits")]
    [InlineData("layers.1.index", "7", "stands at 1 and says 7")]
    [InlineData("quantized.top1", "101", "not within 0..100")]
    [InlineData("cost.cycles", "5000000", "the network 5000000")]
    [InlineData("hardware.batch", "0", "batch is not positive")]
    [InlineData("layers", "[]", "no layers")]
    [InlineData("layers.0.name", "null", "name")]
    [InlineData("layers.0.chosen.bound", "\"gravity\"", "bound")]
    [InlineData("layers.0.chosen.bound", "2", "bound")]
    [InlineData("cost.latencyMs", "\"fast\"", "latencyMs")]
    public void Figures_that_contradict_each_other_are_refused(string path, string value, string said)
    {
        var json = JsonNode.Parse(JsonReport.Write(SampleReports.Of()))!;
        string[] keys = path.Split('.');
        var parent = keys[..^1].Aggregate(json, (node, key) => int.TryParse(key, out int i) ? node[i]! : node[key]!);
        parent[keys[^1]] = JsonNode.Parse(value);
        var e = Assert.Throws<HaqException>(() => JsonReport.Read(json.ToJsonString(), "r.json"));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Diagnostic.ToString());
    }

    [Fact]
    public void A_missing_file_is_one_clear_line()
    {
        var e = Assert.Throws<HaqException>(() => JsonReport.ReadFile("nowhere/none.report.json"));
        Assert.Contains("there is no such file", e.Message, StringComparison.Ordinal);
    }
}
