using System.Text;
using Haq.Engine.Hardware.Probes;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>A bundle's file of times, to which a line is added as soon as a probe is measured: what is cut off loses nothing.</summary>
internal sealed class TimesJournal
{
    private readonly string _path;
    private readonly HashSet<string> _done;

    /// <exception cref="Diagnostics.HaqException">The file that is there cannot be read (HAQ0233).</exception>
    public TimesJournal(string path, string device)
    {
        _path = path;
        _done = Exists(path) ? [.. TimesFile.Read(path).Times.Select(t => t.Probe)] : [];
        if (!File.Exists(path) || new FileInfo(path).Length == 0) File.WriteAllText(path, $"{TimesFile.DeviceLine(device)}\n{TimesFile.HeadingLine}\n");
        else if (!EndsInLine(path)) File.AppendAllText(path, "\n");
    }

    /// <summary>Number of probes with a time.</summary>
    public int Count => _done.Count;

    /// <summary>The probe has a time.</summary>
    public bool Has(string probe) => _done.Contains(probe);

    /// <summary>Adds a time, unless the probe has one.</summary>
    public bool Add(in ProbeTime time)
    {
        if (!_done.Add(time.Probe)) return false;
        using var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
        file.Write(Encoding.UTF8.GetBytes(TimesFile.LineOf(time) + "\n"));
        file.Flush(flushToDisk: true);
        return true;
    }

    /// <summary>There is a file with times in it, and not only a heading.</summary>
    public static bool Exists(string path) => File.Exists(path) && File.ReadLines(path).Any(l => l.Length > 0 && l[0] != '#' && !l.StartsWith("probe,", StringComparison.OrdinalIgnoreCase));

    private static bool EndsInLine(string path)
    {
        using var file = File.OpenRead(path);
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n';
    }
}
