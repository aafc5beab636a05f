using System.Globalization;
using System.Text.RegularExpressions;
using Haq.Engine.Hardware.Probes;

namespace Haq.Engine.Evaluation.Devices;

/// <summary>Finds in what a tool printed how long a model took.</summary>
public static partial class TimeOutput
{
    /// <summary>
    /// The time of a model: from lines <c>probe,seconds[,spread_seconds[,joules]]</c> with its name (several are runs, of which the median counts), or else from a single number of seconds, or else
    /// from the summary of a known tool: onnxruntime_perf_test, trtexec, OpenVINO's benchmark_app. Null where none of them is there.
    /// </summary>
    public static ProbeTime? Find(string name, string output)
    {
        ArgumentNullException.ThrowIfNull(output);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var times = lines.Select(l => Line(name, l)).Where(t => t is not null).Select(t => t!.Value).ToArray();
        if (times.Length == 1) return times[0];
        if (times.Length > 1) return ProbeTime.Of(name, [.. times.Select(t => t.Seconds)], times.All(t => t.Joules is not null) ? times.Average(t => t.Joules) : null);
        double[] alone = [.. lines.Select(Number).Where(n => n is not null).Select(n => n!.Value)];
        if (alone.Length > 0 && lines.Length == alone.Length) return ProbeTime.Of(name, alone);
        foreach (var tool in new[] { PerfTest(), Trtexec(), BenchmarkApp() })
            if (tool.Match(output) is { Success: true } match && Number(match.Groups[1].Value) is { } milliseconds) return new ProbeTime(name, milliseconds * 1e-3, null, null);
        return null;
    }

    private static ProbeTime? Line(string name, string line)
    {
        string[] fields = line.Split(',', StringSplitOptions.TrimEntries);
        if (fields.Length is < 2 or > 4 || TimesFile.NameOf(fields[0]) != name || Number(fields[1]) is not { } seconds) return null;
        return new ProbeTime(name, seconds, fields.Length > 2 ? Number(fields[2]) : null, fields.Length > 3 ? Number(fields[3]) : null);
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;

    [GeneratedRegex(@"Average inference time cost[^:\n]*:\s*([0-9.eE+-]+)\s*ms")]
    private static partial Regex PerfTest();

    [GeneratedRegex(@"GPU Compute Time:[^\n]*median = ([0-9.eE+-]+) ms")]
    private static partial Regex Trtexec();

    [GeneratedRegex(@"Median:\s*([0-9.eE+-]+)\s*ms")]
    private static partial Regex BenchmarkApp();
}
