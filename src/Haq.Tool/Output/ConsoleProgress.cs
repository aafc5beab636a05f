using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Pipeline;

namespace Haq.Tool.Output;

/// <summary>Progress on stderr: one line that is written over on a terminal, a line every few seconds elsewhere.</summary>
internal sealed class ConsoleProgress : IProgress<PipelineProgress>, IDisposable
{
    private static readonly TimeSpan s_onTerminal = TimeSpan.FromMilliseconds(100), s_elsewhere = TimeSpan.FromSeconds(5);

    private readonly bool _terminal = !Console.IsErrorRedirected;
    private readonly Lock _lock = new();
    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();
    private string? _stage;
    private int _width;

    public void Report(PipelineProgress value)
    {
        lock (_lock)
        {
            bool newStage = value.Stage != _stage;
            if (!newStage && _sinceLast.Elapsed < (_terminal ? s_onTerminal : s_elsewhere)) return;
            _stage = value.Stage;
            _sinceLast.Restart();
            Write(Line(value));
        }
    }

    public void Dispose()
    {
        if (_width > 0) Console.Error.Write($"\r{new string(' ', _width)}\r");
        _width = 0;
    }

    private void Write(string line)
    {
        if (!_terminal)
        {
            Console.Error.WriteLine(line);
            return;
        }
        line = Fit(line, Math.Max(20, Console.WindowWidth - 1));
        Console.Error.Write($"\r{line}{new string(' ', Math.Max(0, _width - line.Length))}");
        _width = line.Length;
    }

    /// <summary>One report in words, for example <c>search     20 %, 1 min 20 s left, local search 120 of 600</c>: what a narrow terminal cuts off is the least of it.</summary>
    public static string Line(PipelineProgress value)
    {
        string share = value.Fraction is { } fraction ? string.Create(CultureInfo.InvariantCulture, $" {(int)(fraction * 100),3} %") : "";
        string left = value.Remaining is { } remaining && remaining > TimeSpan.Zero ? $"{(share.Length > 0 ? "," : "")} {Duration(remaining)} left" : "";
        return $"{value.Stage,-9}{share}{left}{(left.Length > 0 ? "," : "")} {value.Message}";
    }

    /// <summary>A line in so many columns: whole words, and a sign that some are missing.</summary>
    internal static string Fit(string line, int columns)
    {
        if (line.Length <= columns) return line;
        int end = line.LastIndexOf(' ', columns - 1);
        return end > 0 ? line[..end].TrimEnd(' ', ',', ':') + "…" : line[..(columns - 1)] + "…";
    }

    /// <summary>For example <c>1 min 20 s</c>.</summary>
    internal static string Duration(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds):0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes:00} min"),
    };
}
