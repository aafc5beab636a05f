using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Pipeline.Outputs;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>A bundle's file of times, to which a line is added as soon as a probe is measured: what is cut off loses nothing.</summary>
internal sealed class TimesJournal
{
    private readonly string _path;
    private readonly HashSet<string> _done;

    /// <summary>Opens a file of times, or begins one. One that is there is written anew with all columns; a last line without an end was cut off and is left out.</summary>
    /// <exception cref="HaqException">The file that is there cannot be read (HAQ0233).</exception>
    public TimesJournal(string path, string device)
    {
        _path = path;
        string there = File.Exists(path) ? TimesFile.ReadText(path) : "";
        string whole = there[..(there.LastIndexOf('\n') + 1)];
        ProbeTime[] times = HasTimes(whole) ? [.. TimesFile.Parse(path, whole).Times] : [];
        _done = [.. times.Select(t => t.Probe)];
        string[] remarks = [.. whole.Split('\n').Select(l => l.Trim().TrimStart('\uFEFF')).Where(l => l.StartsWith('#'))];
        string[] head = times.Length > 0 && remarks.Any(TimesFile.IsDeviceLine) ? remarks : [TimesFile.DeviceLine(device), .. remarks.Where(l => !TimesFile.IsDeviceLine(l))];
        string[] lines = [.. head, TimesFile.HeadingLine, .. times.Select(t => TimesFile.LineOf(t))];
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))));
    }

    /// <summary>Number of probes with a time.</summary>
    public int Count => _done.Count;

    /// <summary>The probe has a time.</summary>
    public bool Has(string probe) => _done.Contains(probe);

    /// <summary>Adds a time, unless the probe has one.</summary>
    /// <exception cref="HaqException">It is no time that the file's reader takes (HAQ0235).</exception>
    public bool Add(in ProbeTime time)
    {
        if (TimesFile.Objection(time) is { } wrong) throw DiagnosticCatalog.DeviceFailed.Error((SourceLocation?)null, $"the device gave a time that is none: {wrong}. Mend what it prints, and run again.");
        if (!_done.Add(time.Probe)) return false;
        using var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
        file.Write(Encoding.UTF8.GetBytes(TimesFile.LineOf(time) + "\n"));
        file.Flush(flushToDisk: true);
        return true;
    }

    private static bool HasTimes(string text) =>
        text.Split('\n').Select(l => l.Trim().TrimStart('\uFEFF')).Any(l => l.Length > 0 && l[0] != '#' && !l.StartsWith("probe,", StringComparison.OrdinalIgnoreCase));
}
