using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Haq.Cluster.Tests.Matrix;

/// <summary>A real process of the tool, whose lines are read as they come.</summary>
internal sealed class HaqProcess : IDisposable
{
    // 128 and the number of SIGKILL.
    private const int Killed = 137;

    private readonly Process _process;
    private readonly TimeSpan _patience;
    private readonly object _gate = new();
    private readonly List<string> _lines = [];
    private int _open = 2;

    private HaqProcess(Process process, TimeSpan patience)
    {
        (_process, _patience) = (process, patience);
        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Add(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it printed so far.</summary>
    public string Said
    {
        get
        {
            lock (_gate) return string.Join('\n', _lines);
        }
    }

    /// <param name="environment">Set for it, in place of all that is haq's in this process's own.</param>
    /// <param name="patience">How long anything of it is waited for.</param>
    /// <param name="arguments">Its command line.</param>
    public static HaqProcess Start(IReadOnlyDictionary<string, string> environment, TimeSpan patience, params string[] arguments)
    {
        string tool = Path.Combine(AppContext.BaseDirectory, "haq.dll");
        var start = new ProcessStartInfo("dotnet", ["exec", tool, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string variable in start.Environment.Keys.Where(k => k.StartsWith("HAQ_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(variable);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new HaqProcess(Process.Start(start)!, patience);
    }

    /// <summary>How many lines so far look like that.</summary>
    public int Count(Regex line)
    {
        lock (_gate) return _lines.Count(line.IsMatch);
    }

    /// <summary>Waits for so many lines that look like that.</summary>
    /// <returns>False where it ended before.</returns>
    public bool WaitFor(Regex line, int times)
    {
        var watch = Stopwatch.StartNew();
        lock (_gate)
        {
            while (_lines.Count(line.IsMatch) < times)
            {
                if (_open == 0) return false;
                if (watch.Elapsed > _patience) throw new TimeoutException($"'{line}' was not said {times} times within {_patience}: {Said}");
                Monitor.Wait(_gate, TimeSpan.FromSeconds(1));
            }
            return true;
        }
    }

    /// <summary>SIGKILL.</summary>
    /// <returns>Whether it was running.</returns>
    public bool Kill()
    {
        _process.Kill();
        return Ended() == Killed;
    }

    /// <summary>SIGTERM, and waits for its end.</summary>
    /// <returns>Its exit status.</returns>
    public int Terminate()
    {
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)])) kill.WaitForExit();
        return Ended();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit status.</returns>
    public int Ended()
    {
        if (!_process.WaitForExit(_patience)) throw new TimeoutException($"the process did not end within {_patience}: {Said}");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }

    private void Add(string? line)
    {
        lock (_gate)
        {
            if (line is null) _open--;
            else _lines.Add(line);
            Monitor.PulseAll(_gate);
        }
    }
}
