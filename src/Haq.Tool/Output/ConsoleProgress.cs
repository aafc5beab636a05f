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
        int room = Math.Max(20, Console.WindowWidth - 1);
        if (line.Length > room) line = line[..(room - 1)] + "…";
        Console.Error.Write($"\r{line}{new string(' ', Math.Max(0, _width - line.Length))}");
        _width = line.Length;
    }

    /// <summary>One report in words, for example <c>search     20 % episode 120 of 600, 1 min 20 s left</c>.</summary>
    public static string Line(PipelineProgress value)
    {
        string share = value.Fraction is { } fraction ? $" {(int)(fraction * 100),3} %" : "";
        string left = value.Remaining is { } remaining && remaining > TimeSpan.Zero ? $", {Duration(remaining)} left" : "";
        return $"{value.Stage,-9}{share} {value.Message}{left}";
    }

    private static string Duration(TimeSpan time) => time.TotalSeconds < 60
        ? $"{Math.Ceiling(time.TotalSeconds).ToString("0", CultureInfo.InvariantCulture)} s"
        : $"{(int)time.TotalMinutes} min {time.Seconds:00} s";
}
