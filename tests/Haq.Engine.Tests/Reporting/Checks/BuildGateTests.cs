using Haq.Engine.Diagnostics;
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
        Assert.Equal(code, BuildGate.Of(Report(limit, lost, error), accepted: false, s_at)?.Descriptor.Code);

    [Fact]
    public void An_accepted_loss_is_a_warning() => Assert.Equal(DiagnosticCatalog.AccuracyGateDoubtful, BuildGate.Of(Report(1, 20, 0.1), accepted: true, s_at)?.Descriptor);

    [Fact]
    public void Without_a_limit_nothing_is_held() => Assert.Null(BuildGate.Of(Report(null, 50, 0), accepted: false, s_at));

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
