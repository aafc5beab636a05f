using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Repairs;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Checks;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Tests.Reporting.Checks;

public sealed class BuildGateTests
{
    private static readonly SourceLocation s_at = new("haq.yaml");

    [Theory]
    [InlineData(1.0, 0.9, 0.1, null)] // kept
    [InlineData(1.0, 1.0, 0.1, null)] // met exactly
    [InlineData(1.0, 1.2, 0.1, "HAQ1905")] // within three standard errors
    [InlineData(1.0, 1.5, 0.1, "HAQ0905")]
    [InlineData(1.0, 1.5, 0.0, "HAQ0905")]
    public void A_build_fails_beyond_three_standard_errors(double limit, double lost, double error, string? code) =>
        Assert.Equal(code, Of(Report(limit, lost, error), accepted: false, s_at)?.Descriptor.Code);

    [Fact]
    public void An_accepted_loss_is_a_warning() => Assert.Equal(DiagnosticCatalog.AccuracyGateDoubtful, Of(Report(1, 20, 0.1), accepted: true, s_at)?.Descriptor);

    [Fact]
    public void Without_a_limit_nothing_is_held() => Assert.Null(Of(Report(null, 50, 0), accepted: false, s_at));

    [Theory]
    [InlineData(0.995, null, false, 8, null)]
    [InlineData(0.95, null, false, 8, "HAQ0404")]
    [InlineData(0.95, null, true, 8, "HAQ1403")]
    [InlineData(0.95, "training", false, 8, "HAQ1403")]
    [InlineData(0.95, "widths", false, 3, "HAQ1403")]
    [InlineData(0.95, "budget", false, 3, null)] // what a budget takes is in the figures
    public void Outputs_far_from_float_are_an_error_where_nothing_asked_for_explains_them(double cosine, string? excuse, bool accepted, int bits, string? code)
    {
        var report = Report(null, 0, 0);
        report = report with
        {
            Agreement = new AgreementFacts { Output = "y", Cosine = cosine, Excuse = excuse },
            Layers = [.. report.Layers.Select(l => l with { Chosen = l.Chosen with { Weights = bits, Activations = bits } })],
        };
        Assert.Equal(code, Of(report, accepted, s_at)?.Descriptor.Code);
    }

    [Theory]
    [InlineData(null, "HAQ0905", "top-1 lost 20 ")]
    [InlineData("top1", "HAQ0905", "top-1 lost 20 ")]
    [InlineData("top5", null, null)]
    [InlineData("agreement", "HAQ0905", "agreement with float lost 12 ")]
    [InlineData("cosine", "HAQ0905", "cosine to float lost 2 ")]
    public void The_limit_counts_what_the_manifest_measures(string? metric, string? code, string? figure)
    {
        var report = SampleReports.Of();
        report = report with
        {
            Metric = metric, Budget = report.Budget with { AccuracyDrop = 1 }, AccuracyStandardError = 0.1, Finetuned = null,
            Float = new AccuracyFacts { Top1 = 90, Top5 = 99, Samples = 1000 }, Quantized = new AccuracyFacts { Top1 = 70, Top5 = 98.5, Agreement = 88, Cosine = 0.98, Samples = 1000 },
        };
        var found = Of(report, accepted: false, s_at);
        Assert.Equal(code, found?.Descriptor.Code);
        if (figure is not null) Assert.StartsWith(figure, found!.Message, StringComparison.Ordinal);
        Assert.Equal(code is null ? CheckStatus.Passed : CheckStatus.Failed, ReportChecks.Run(report).Single(c => c.Name == "accuracy gate").Status);
    }

    [Fact]
    public void A_network_without_classes_is_held_by_its_cosine()
    {
        var report = SampleReports.Of();
        report = report with
        {
            Metric = null, Budget = report.Budget with { AccuracyDrop = 1 }, AccuracyStandardError = 0.1, Finetuned = null,
            Float = new AccuracyFacts { Samples = 100 }, Quantized = new AccuracyFacts { Cosine = 0.97, Samples = 100 },
        };
        Assert.StartsWith("cosine to float lost 3 ", Of(report, accepted: false, s_at)!.Message, StringComparison.Ordinal);
        Assert.Contains("the output at cosine 0.97", Headline.Of(report), StringComparison.Ordinal);
    }

    private static Diagnostic? Of(ReportModel report, bool accepted, SourceLocation at) => BuildGate.Of(report, accepted, at).SingleOrDefault();

    private static ReportModel Report(double? limit, double lost, double error)
    {
        var report = SampleReports.Of();
        return report with
        {
            Budget = report.Budget with { AccuracyDrop = limit }, AccuracyStandardError = error, Finetuned = null,
            Float = new AccuracyFacts { Top1 = 90, Samples = 1000 }, Quantized = new AccuracyFacts { Top1 = 90 - lost, Samples = 1000 },
        };
    }
}
