using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware.Probes;

namespace Haq.Engine.Evaluation.Devices;

/// <summary>Times model files by a command, a file at a time.</summary>
/// <param name="template">The command, with <c>{}</c> for the file.</param>
/// <param name="repeats">How often the command is run for a file; the median counts.</param>
/// <param name="timeout">How long it may take each time.</param>
public sealed class DeviceCommand(CommandTemplate template, int repeats, TimeSpan timeout)
{
    /// <summary>How long a file may take unless said otherwise.</summary>
    public static readonly TimeSpan UsualTimeout = TimeSpan.FromMinutes(10);

    /// <summary>The command.</summary>
    public CommandTemplate Template => template;

    /// <summary>Where it runs; null for this process's own folder.</summary>
    public string? Folder { get; init; }

    /// <summary>Times a file.</summary>
    /// <param name="path">A model; its name without <c>.onnx</c> is the probe's.</param>
    /// <param name="cancellation">Ends the command.</param>
    /// <exception cref="HaqException">The command fails, takes too long, or prints no time, or none that can be (HAQ0235).</exception>
    public ProbeTime Measure(string path, CancellationToken cancellation)
    {
        string name = TimesFile.NameOf(path);
        var times = new ProbeTime[repeats];
        for (int i = 0; i < repeats; i++) times[i] = Once(name, path, cancellation);
        return repeats == 1 ? times[0] : ProbeTime.Of(name, [.. times.Select(t => t.Seconds)], times.All(t => t.Joules is not null) ? times.Average(t => t.Joules) : null);
    }

    private ProbeTime Once(string name, string path, CancellationToken cancellation)
    {
        string line = template.For(Path.GetFullPath(path));
        var run = ShellRun.Of(line, timeout, cancellation: cancellation, folder: Folder);
        if (run.TimedOut) throw Failed(line, string.Create(CultureInfo.InvariantCulture, $"took longer than {timeout.TotalSeconds:0} s and was ended"));
        if (run.Status != 0) throw Failed(line, $"ended with status {run.Status}: {run.Complaint}");
        if (TimeOutput.Find(name, run.Output) is not { } time) throw Failed(line, $"printed no line '{name},SECONDS': {run.Complaint}");
        if (time.Seconds <= 0) throw Failed(line, string.Create(CultureInfo.InvariantCulture, $"printed {time.Seconds:R} s for '{name}', which is no time"));
        return time;
    }

    private static HaqException Failed(string line, string what) => DiagnosticCatalog.DeviceFailed.Error((SourceLocation?)null, $"'{line}' {what}");
}
