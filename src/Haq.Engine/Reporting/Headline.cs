using System.Globalization;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting;

/// <summary>What was gained, in two sentences: the file that one can hold first, then what a simulation says of the target. The same on the page, in the summary and at the prompt.</summary>
internal static class Headline
{
    private const double StandardErrors = 2;

    /// <summary>
    /// For example <c>File 4 times smaller than float's, 1.3 times slower in ONNX Runtime here, for 0.70 points of top-1. Simulated on bismo-edge
    /// (latencies ± 12 %, from 305 published rows): 40 % less latency than uniform 8 bit, parameters 6.3 times
    /// smaller than float's; 0.80 points better than uniform 5 bit, the best uniform policy within the budget.</c>
    /// </summary>
    public static string Of(ReportModel report) => report.Measured is { } measured ? OfMeasured(report, measured) : $"{File(report)}{Price(report)}. {Simulated(report)}{Uniform(report)}.";

    private static string OfMeasured(ReportModel report, MeasuredFacts measured)
    {
        string threads = measured.Threads == 1 ? "1 thread" : string.Create(CultureInfo.InvariantCulture, $"{measured.Threads} threads");
        string speed = measured.Integers == 0 || measured.RatioHigh > 1 ? "No faster than float" : $"{Number(1 / measured.Ratio)} times faster than float";
        string size = report.Gain.FileVsFloat is > 0 and < 0.995 and var share ? $", file {Number(1 / share)} times smaller" : "";
        return $"{speed} on this processor ({threads}){size}{Price(report)}.";
    }

    private static string File(ReportModel report)
    {
        string size = report.Gain.FileVsFloat switch
        {
            null => "File of unknown size",
            < 0.995 and var share => $"File {Number(1 / share)} times smaller than float's",
            _ => "File no smaller than float's",
        };
        if (report.Timings?.RunTime is not { } run) return size;
        double apart = Math.Abs(run.QuantizedMsPerImage - run.FloatMsPerImage), doubt = (run.QuantizedSpreadMs ?? 0) + (run.FloatSpreadMs ?? 0);
        double ratio = run.QuantizedMsPerImage / run.FloatMsPerImage;
        if (apart <= doubt || !(ratio is > 1.05 or < 0.95)) return size;
        return $"{size}, {(ratio > 1 ? $"{Number(ratio)} times slower" : $"{Number(1 / ratio)} times faster")} in ONNX Runtime here";
    }

    private static string Simulated(ReportModel report)
    {
        var gain = report.Gain;
        var parts = new List<string>();
        if (Less(gain.LatencyVs8Bit, "latency") is { } latency) parts.Add(latency);
        if (Less(gain.EnergyVs8Bit, "energy") is { } energy) parts.Add(energy);
        string speed = parts.Count > 0 ? string.Join(" and ", parts) + " than uniform 8 bit" : "no gain in speed against uniform 8 bit";
        string size = gain.SizeVsFloat is > 0 and < 0.995 and var share ? $", parameters {Number(1 / share)} times smaller than float's" : "";
        return $"Simulated on {report.Hardware.Name} ({LatencyError.Sentence(report)}): {speed}{size}";
    }

    private static string Uniform(ReportModel report)
    {
        if (report.Search?.Uniform is { } width) return string.Create(CultureInfo.InvariantCulture, $"; uniform {width} bit, as good as the mixed policy that was found and cheaper");
        if (report.Gain is not { Uniform: { } name, AccuracyVsUniform: { } points }) return "";
        string amount = Math.Abs(points).ToString("0.00", CultureInfo.InvariantCulture);
        string against = $"{name}, the best uniform policy within the budget";
        // What so few samples cannot tell is no gain and no loss; what the policies cost is known.
        if (report.Gain.UniformStandardError is > 0 and var error && Math.Abs(points) >= 0.005 && Math.Abs(points) <= StandardErrors * error)
        {
            string figure = string.Create(CultureInfo.InvariantCulture, $"{amount} ± {error:0.00} points {(points > 0 ? "above" : "below")}");
            return $"; level with {against}, as far as these samples tell ({figure}){Costs(report.Gain)}";
        }
        return points switch
        {
            >= 0.005 => $"; {amount} points better than {against}",
            <= -0.005 => $"; on these samples {amount} points below {against}",
            _ => $"; level with {against}",
        };
    }

    private static string Costs(GainFacts gain)
    {
        string?[] differences = [Less(gain.LatencyVsUniform, "latency"), Less(gain.SizeVsUniform, "memory for parameters")];
        string said = string.Join(" and ", differences.OfType<string>().Where(d => !d.StartsWith("0 ", StringComparison.Ordinal)));
        return said.Length > 0 ? $", with {said}" : "";
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
        if (gain.AccuracyMetric is "cosine" or null && report.Delivered?.Cosine is { } cosine) return $", the output at cosine {Figure.Cosine(cosine)} to float's";
        if (gain.AccuracyVsFloat is not { } points) return "";
        string metric = AccuracyMetric.Named(gain.AccuracyMetric)?.Title ?? "accuracy";
        string amount = Math.Abs(points).ToString("0.00", CultureInfo.InvariantCulture);
        return points switch
        {
            <= -0.005 => $", for {amount} points of {metric}",
            >= 0.005 => $", and {amount} points of {metric} better than float",
            _ when gain.AccuracyMetric is "top1" or "top5" => $", at float's {metric}",
            _ => ", agreeing with float on every sample",
        };
    }

    private static string Number(double value) => Figure.Short(value).TrimEnd('0').TrimEnd('.');
}
