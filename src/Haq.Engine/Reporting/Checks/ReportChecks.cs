using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Checks;

/// <summary>Holds a report against its budgets and against the report of an earlier build. Pure: the same reports, the same outcomes.</summary>
public static class ReportChecks
{
    // Budgets are resolved in floating point: a policy that meets one exactly must not fail by a rounding.
    private const double Rounding = 1e-9;

    /// <summary>Every limit that applies. Without a budget and a baseline there is none, and the list is empty.</summary>
    /// <param name="report">The fresh or rebuilt result.</param>
    /// <param name="baseline">The report to be no worse than; null for none.</param>
    /// <param name="tolerance">How much worse is no regression; null for the default.</param>
    public static ImmutableArray<CheckOutcome> Run(ReportModel report, ReportModel? baseline = null, BaselineTolerance? tolerance = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        return [.. Budgets(report), .. baseline is null ? [] : Against(report, baseline, tolerance ?? new BaselineTolerance())];
    }

    private static IEnumerable<CheckOutcome> Budgets(ReportModel report)
    {
        var (budget, cost) = (report.Budget, report.Cost);
        if (budget.LatencyMs is { } latency)
            yield return Budget("latency", DiagnosticCatalog.LatencyGate, cost.LatencyMs, latency, "ms", Figure.Time, Slowest(report));
        if (budget.EnergyMj is { } energy)
            yield return Budget("energy", DiagnosticCatalog.EnergyGate, cost.EnergyMj, energy, "mJ", Figure.Energy, "");
        if (budget.SizeBytes is { } size)
            yield return Budget("size", DiagnosticCatalog.SizeGate, cost.SizeBytes, size, "bytes", Figure.Bytes, "");
        if (budget.FileBytes is { } file)
            yield return Budget("file-size", DiagnosticCatalog.SizeGate, report.FileBytes, file, "bytes", Figure.Bytes, "");
        if (budget.AccuracyDrop is { } drop) yield return Accuracy(report, drop);
    }

    private static CheckOutcome Budget(
        string name, DiagnosticDescriptor rule, double? actual, double limit, string unit, Func<double?, string> format, string hint)
    {
        string title = $"{name} budget";
        if (actual is not { } value) return Missing(title, limit, unit, $"{name} is bounded by {format(limit)}, but {Absent(name)}");
        if (value <= limit * (1 + Rounding))
            return new CheckOutcome(title, rule, CheckStatus.Passed, value, limit, unit, $"{name} {format(value)} is within its budget of {format(limit)}, {Share((limit - value) / limit)} to spare");
        return new CheckOutcome(
            title, rule, CheckStatus.Failed, value, limit, unit,
            $"{name} {Exact(value, unit)} is {Share((value - limit) / limit)} over its budget of {Exact(limit, unit)}.{hint} Search again, allow fewer bits, or raise the budget.");
    }

    private static CheckOutcome Accuracy(ReportModel report, double drop)
    {
        const string title = "accuracy gate";
        if (report.Gain.AccuracyVsFloat is not { } points)
            return Missing(title, drop, "points", $"at most {Plain(drop)} points may be lost, but the report holds no accuracy: give evaluation data");
        double lost = -points;
        string metric = Metric(report);
        string change = lost >= 0 ? $"{metric} lost {Plain(lost)} points" : $"{metric} gained {Plain(-lost)} points";
        if (lost <= drop + Rounding)
            return new CheckOutcome(title, DiagnosticCatalog.AccuracyGate, CheckStatus.Passed, lost, drop, "points", $"{change} against the float model, at most {Plain(drop)} may be lost");
        return new CheckOutcome(
            title, DiagnosticCatalog.AccuracyGate, CheckStatus.Failed, lost, drop, "points",
            $"{change} against the float model, {Plain(lost - drop)} more than the {Plain(drop)} that may be. Raise the cost budget, fine-tune, or allow a larger drop.");
    }

    private static IEnumerable<CheckOutcome> Against(ReportModel report, ReportModel baseline, BaselineTolerance tolerance)
    {
        if (report.Hardware.Name == baseline.Hardware.Name && report.Hardware.Batch == baseline.Hardware.Batch)
        {
            yield return Regression("latency", report.Cost.LatencyMs, baseline.Cost.LatencyMs, "ms", Figure.Time, tolerance);
            if (baseline.Cost.EnergyMj is { } energy) yield return Regression("energy", report.Cost.EnergyMj, energy, "mJ", Figure.Energy, tolerance);
        }
        else
        {
            yield return Missing(
                "latency against baseline", baseline.Cost.LatencyMs, "ms",
                $"the baseline is for {baseline.Hardware.Name} at batch {baseline.Hardware.Batch}, this build for {report.Hardware.Name} at batch {report.Hardware.Batch}: give the baseline of the same target");
        }
        yield return Regression("size", report.Cost.SizeBytes, baseline.Cost.SizeBytes, "bytes", Figure.Bytes, tolerance);
        if (Comparable(report, baseline) is { } pair) yield return AccuracyRegression(report, pair.Now, pair.Before, tolerance.AccuracyPoints);
        else if (baseline.Delivered is not null)
            yield return Missing("accuracy against baseline", tolerance.AccuracyPoints, "points", "the baseline holds an accuracy and this build none of the same kind: give the same evaluation data");
    }

    private static CheckOutcome Regression(string name, double? actual, double before, string unit, Func<double?, string> format, BaselineTolerance tolerance)
    {
        string title = $"{name} against baseline";
        double limit = before * (1 + tolerance.CostShare);
        if (actual is not { } value) return Missing(title, limit, unit, $"the baseline has {format(before)}, but {Absent(name)}");
        string change = value == before ? $"{name} is {format(value)} as in the baseline"
            : $"{name} went from {format(before)} to {format(value)}, {Share(Math.Abs(value - before) / before)} {(value > before ? "more" : "less")}";
        if (value <= limit * (1 + Rounding)) return new CheckOutcome(title, DiagnosticCatalog.BaselineRegression, CheckStatus.Passed, value, limit, unit, change);
        return new CheckOutcome(
            title, DiagnosticCatalog.BaselineRegression, CheckStatus.Failed, value, limit, unit,
            $"{change} than the {Share(tolerance.CostShare)} allowed. 'haq diff' shows which layers changed; take the new report as the baseline if it is meant.");
    }

    private static CheckOutcome AccuracyRegression(ReportModel report, double now, double before, double allowed)
    {
        const string title = "accuracy against baseline";
        double lost = before - now;
        string change = $"{Metric(report)} went from {Figure.Percent(before)} to {Figure.Percent(now)}";
        if (lost <= allowed + Rounding) return new CheckOutcome(title, DiagnosticCatalog.BaselineRegression, CheckStatus.Passed, lost, allowed, "points", change);
        return new CheckOutcome(
            title, DiagnosticCatalog.BaselineRegression, CheckStatus.Failed, lost, allowed, "points",
            $"{change}, {Plain(lost)} points less where {Plain(allowed)} are allowed. 'haq diff' shows which layers changed; take the new report as the baseline if it is meant.");
    }

    private static CheckOutcome Missing(string title, double limit, string unit, string message) =>
        new(title, DiagnosticCatalog.UncheckedGate, CheckStatus.Unchecked, null, limit, unit, message + ".");

    // Accuracies compare only where both have the same metric.
    private static (double Now, double Before)? Comparable(ReportModel report, ReportModel baseline) =>
        AccuracyMetric.For(report) is { } metric && AccuracyMetric.For(baseline)?.Name == metric.Name && metric.Of(report.Delivered!) is { } now && metric.Of(baseline.Delivered!) is { } before
            ? (now, before) : null;

    private static string Slowest(ReportModel report)
    {
        var slowest = report.Layers.MaxBy(l => l.Chosen.LatencyMs)!;
        return $" Layer '{slowest.Name}' alone takes {Figure.Time(slowest.Chosen.LatencyMs)} at w{slowest.Chosen.Weights}a{slowest.Chosen.Activations}.";
    }

    private static string Absent(string name) => name == "energy" ? "the hardware has no energy model: choose one that has, or drop the limit" : "the report does not hold it";

    private static string Metric(ReportModel report) => AccuracyMetric.For(report)?.Title ?? "accuracy";

    private static string Share(double share) => Math.Abs(share) is > 0 and < 0.0005 ? "under 0.1 %" : (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Plain(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    // Enough digits that a figure just over its limit does not print as equal to it.
    private static string Exact(double value, string unit) =>
        unit == "bytes" ? value.ToString("#,0", CultureInfo.InvariantCulture) + " bytes" : value.ToString("#,0.####", CultureInfo.InvariantCulture) + " " + unit;
}
