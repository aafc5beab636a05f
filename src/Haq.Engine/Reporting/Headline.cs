using System.Globalization;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting;

/// <summary>What was gained, in one sentence: the same on the page, in the summary and at the prompt.</summary>
internal static class Headline
{
    /// <summary>For example <c>40 % less latency than 8 bit, 7.9 times smaller than float, for 0.70 points of top-1.</c></summary>
    public static string Of(ReportModel report)
    {
        var gain = report.Gain;
        if (report.Measured is { } measured) return OfMeasured(report, measured);
        var parts = new List<string>();
        if (Less(gain.LatencyVs8Bit, "latency") is { } latency) parts.Add(latency);
        if (Less(gain.EnergyVs8Bit, "energy") is { } energy) parts.Add(energy);
        string against = parts.Count > 0 ? " than uniform 8 bit" : "";
        string sentence = string.Join(" and ", parts) + against;
        if (gain.SizeVsFloat is > 0 and < 0.995 and var size)
            sentence += (sentence.Length > 0 ? ", " : "") + $"{Number(1 / size)} times smaller than float";
        if (sentence.Length == 0) sentence = "Nothing gained against uniform 8 bit";
        return char.ToUpperInvariant(sentence[0]) + sentence[1..] + Price(report) + ".";
    }

    private static string OfMeasured(ReportModel report, MeasuredFacts measured)
    {
        string threads = measured.Threads == 1 ? "1 thread" : string.Create(CultureInfo.InvariantCulture, $"{measured.Threads} threads");
        string speed = measured.Integers == 0 || measured.RatioHigh > 1 ? "No faster than float" : $"{Number(1 / measured.Ratio)} times faster than float";
        string size = report.Gain.SizeVsFloat is > 0 and < 0.995 and var share ? $", {Number(1 / share)} times smaller" : "";
        return $"{speed} on this processor ({threads}){size}{Price(report)}.";
    }

    private static string? Less(double? ratio, string what) => ratio switch
    {
        < 0.995 => $"{((1 - ratio) * 100)?.ToString("0", CultureInfo.InvariantCulture)} % less {what}",
        > 1.005 => $"{((ratio - 1) * 100)?.ToString("0", CultureInfo.InvariantCulture)} % more {what}",
        _ => null,
    };

    private static string Price(ReportModel report)
    {
        var gain = report.Gain;
        if (report.Metric == "sqnr" && report.Delivered?.SqnrDb is { } decibels) return $", the output's noise {Figure.Short(decibels)} dB below float's signal";
        if ((report.Metric == "cosine" || gain.AccuracyVsFloat is null) && report.Delivered?.Cosine is { } cosine) return $", the output at cosine {Figure.Cosine(cosine)} to float's";
        if (gain.AccuracyVsFloat is not { } points) return "";
        string metric = gain.AccuracyMetric == "top1" ? "top-1" : "agreement with float";
        string amount = Math.Abs(points).ToString("0.00", CultureInfo.InvariantCulture);
        return points switch
        {
            <= -0.005 => $", for {amount} points of {metric}",
            >= 0.005 => $", and {amount} points of {metric} better than float",
            _ when gain.AccuracyMetric == "top1" => ", at float's top-1",
            _ => ", agreeing with float on every sample",
        };
    }

    private static string Number(double value) => Figure.Short(value).TrimEnd('0').TrimEnd('.');
}
