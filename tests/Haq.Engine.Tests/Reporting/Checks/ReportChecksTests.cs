using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Checks;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Tests.Reporting.Checks;

public sealed class ReportChecksTests
{
    private static readonly ReportModel s_report = SampleReports.Of();

    [Theory]
    [InlineData(1.0, CheckStatus.Passed)]
    [InlineData(1.0000000001, CheckStatus.Passed)]
    [InlineData(1.5, CheckStatus.Passed)]
    [InlineData(0.9999, CheckStatus.Failed)]
    [InlineData(0.5, CheckStatus.Failed)]
    public void A_budget_is_kept_up_to_its_limit_and_not_beyond(double factor, CheckStatus expected)
    {
        var cost = s_report.Cost;
        var budget = new BudgetFacts { LatencyMs = cost.LatencyMs * factor, EnergyMj = cost.EnergyMj * factor, SizeBytes = cost.SizeBytes * factor };
        var outcomes = ReportChecks.Run(s_report with { Budget = budget });
        Assert.Equal(["HAQ0902", "HAQ0903", "HAQ0904"], outcomes.Select(o => o.Rule.Code));
        Assert.All(outcomes, o => Assert.Equal(expected, o.Status));
        Assert.All(outcomes, o => Assert.Equal(o.Limit - o.Actual!.Value, o.Margin!.Value));
    }

    [Theory]
    [InlineData(0.7, CheckStatus.Passed)]
    [InlineData(0.69, CheckStatus.Failed)]
    [InlineData(0.0, CheckStatus.Failed)]
    public void The_accuracy_gate_counts_points_below_float(double drop, CheckStatus expected)
    {
        var outcome = Assert.Single(ReportChecks.Run(s_report with { Budget = new BudgetFacts { AccuracyDrop = drop } }));
        Assert.Equal(expected, outcome.Status);
        Assert.Equal(0.7, outcome.Actual!.Value, 1e-9);
    }

    [Fact]
    public void A_model_better_than_float_passes_a_gate_of_zero()
    {
        var better = s_report with { Quantized = s_report.Quantized! with { Top1 = 93.4 }, Budget = new BudgetFacts { AccuracyDrop = 0 } };
        Assert.Equal(CheckStatus.Passed, Assert.Single(ReportChecks.Run(better)).Status);
    }

    [Fact]
    public void The_fine_tuned_accuracy_is_the_one_that_counts()
    {
        var tuned = s_report with { Finetuned = s_report.Quantized! with { Top1 = 93.0 }, Budget = new BudgetFacts { AccuracyDrop = 0.2 } };
        Assert.Equal(CheckStatus.Passed, Assert.Single(ReportChecks.Run(tuned)).Status);
    }

    [Fact]
    public void A_limit_without_a_figure_is_no_pass()
    {
        var unknown = s_report with { Quantized = null, Float = null, Cost = s_report.Cost with { EnergyMj = null }, Budget = new BudgetFacts { EnergyMj = 1, AccuracyDrop = 1 } };
        var outcomes = ReportChecks.Run(unknown);
        Assert.Equal(2, outcomes.Length);
        Assert.All(outcomes, o => Assert.Equal((CheckStatus.Unchecked, "HAQ0907"), (o.Status, o.Rule.Code)));
    }

    [Fact]
    public void Nothing_asked_nothing_checked() => Assert.Empty(ReportChecks.Run(s_report with { Budget = new BudgetFacts() }));

    [Fact]
    public void A_report_is_no_worse_than_itself()
    {
        var outcomes = ReportChecks.Run(s_report with { Budget = new BudgetFacts() }, s_report);
        Assert.Equal(4, outcomes.Length);
        Assert.All(outcomes, o => Assert.Equal(CheckStatus.Passed, o.Status));
    }

    [Theory]
    [InlineData(1.009, 0.49, true)]
    [InlineData(1.011, 0.0, false)]
    [InlineData(1.0, 0.51, false)]
    [InlineData(0.5, -3, true)]
    public void Worse_than_the_baseline_beyond_the_tolerance_is_a_regression(double cost, double lost, bool passes)
    {
        var now = s_report with
        {
            Budget = new BudgetFacts(),
            Cost = s_report.Cost with { LatencyMs = s_report.Cost.LatencyMs * cost },
            Quantized = s_report.Quantized! with { Top1 = s_report.Quantized.Top1 - lost },
        };
        Assert.Equal(passes, ReportChecks.Run(now, s_report).All(o => o.Status == CheckStatus.Passed));
        Assert.All(ReportChecks.Run(now, s_report).Where(o => o.Status != CheckStatus.Passed), o => Assert.Equal("HAQ0906", o.Rule.Code));
    }

    [Fact]
    public void A_baseline_for_other_hardware_cannot_vouch_for_latency()
    {
        var other = s_report with { Hardware = s_report.Hardware with { Name = "bismo-cloud" } };
        Assert.Contains(ReportChecks.Run(s_report, other), o => o is { Status: CheckStatus.Unchecked, Name: "latency against baseline" });
    }

    [Fact]
    public void A_figure_just_over_its_limit_does_not_print_as_equal_to_it()
    {
        var report = s_report with { Budget = new BudgetFacts { LatencyMs = s_report.Cost.LatencyMs * 0.9995 } };
        var outcome = Assert.Single(ReportChecks.Run(report));
        Assert.Contains($"{s_report.Cost.LatencyMs:0.####} ms is 0.1 % over its budget of {s_report.Cost.LatencyMs * 0.9995:0.####} ms", outcome.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', outcome.Message);
    }
}
