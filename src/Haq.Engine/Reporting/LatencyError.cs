using System.Globalization;

namespace Haq.Engine.Reporting;

/// <summary>What is known of how far off a report's simulated latencies are. The same on the page, in the summaries and at the prompt.</summary>
internal static class LatencyError
{
    /// <summary>For example <c>latencies ± 12 %, from 305 published rows</c>, or that there is nothing to compare with; null where the latency was measured.</summary>
    public static string? Sentence(ReportModel report) =>
        report.Measured is not null ? null
        : report.Device is { } device ? $"{Figure.Time(device.PredictedMs)} predicted, {Figure.Time(device.MeasuredMs)} on the device"
        : report.Hardware.ExpectedError is { } error ? string.Create(CultureInfo.InvariantCulture, $"latencies ± {error.Percent:0.#} %, from {error.Rows:#,0} {error.Of}")
        : "no measurement to compare with";

    /// <summary>What stands behind a latency, for example <c> ± 12 %</c>; empty where nothing is known.</summary>
    public static string Behind(ReportModel report) =>
        report is { Measured: null, Hardware.ExpectedError: { } error } ? string.Create(CultureInfo.InvariantCulture, $" ± {error.Percent:0.#} %") : "";
}
