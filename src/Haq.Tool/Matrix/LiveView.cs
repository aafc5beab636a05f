using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Matrix;
using Haq.Tool.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Haq.Tool.Matrix;

/// <summary>
/// What runs, on a terminal: how far the whole is, and a row for each cell in the works, drawn over a few times a second. Cells that are over scroll away above it; those that were up to date
/// are counted, not named.
/// </summary>
internal sealed class LiveView : IMatrixView
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(200);

    private readonly MatrixClock _clock;
    private readonly MatrixJobs _jobs;
    private readonly IAnsiConsole _console;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _drawing;
    private readonly Queue<string> _lines = new();
    private readonly Lock _lock = new();

    public LiveView(MatrixClock clock, MatrixJobs jobs, IAnsiConsole? console = null)
    {
        (_clock, _jobs) = (clock, jobs);
        _console = console ?? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        _drawing = _console.Live(Picture()).AutoClear(true).Overflow(VerticalOverflow.Ellipsis).StartAsync(DrawAsync);
    }

    public void Started(MatrixCell cell) => _clock.Started(cell);

    public void Progressed(MatrixCell cell, PipelineProgress progress) => _clock.Progressed(cell, progress);

    public void Finished(CellOutcome outcome)
    {
        using var _ = _lock.EnterScope();
        _clock.Finished(outcome);
        if (outcome.State != CellState.UpToDate) _lines.Enqueue(_clock.Line(outcome));
    }

    public void Dispose()
    {
        _ending.Cancel();
        _drawing.GetAwaiter().GetResult();
        _ending.Dispose();
    }

    /// <summary>What is drawn now: no line longer than the terminal.</summary>
    internal IRenderable Picture()
    {
        int width = Math.Max(20, _console.Profile.Width - 1);
        var lines = new List<string> { ConsoleProgress.Fit($"{_clock.Overall()}, {_jobs.Count} at a time", width), Bar(width) };
        foreach (var (cell, phase) in _clock.Rows()) lines.Add(Row(cell, phase, width));
        return new Rows(lines.Select(line => new Text(line)));
    }

    private async Task DrawAsync(LiveDisplayContext context)
    {
        while (true)
        {
            bool isOver = _ending.IsCancellationRequested;
            while (Next() is { } line) _console.Write(new ScrolledLine(line));
            context.UpdateTarget(Picture());
            if (isOver) return;
            await Task.Delay(s_period, _ending.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
        }
    }

    private string? Next()
    {
        using var _ = _lock.EnterScope();
        return _lines.TryDequeue(out string? line) ? line : null;
    }

    private string Bar(int width)
    {
        int done = (int)(_clock.Share * width);
        return new string('━', done) + new string('─', width - done);
    }

    // The end of a path tells cells apart, and where a cell is comes before what else can be said.
    private static string Row(string cell, string phase, int width)
    {
        int room = Math.Max(16, width * 2 / 5);
        string name = cell.Length > room ? "…" + cell[^(room - 1)..] : cell.PadRight(Math.Min(room, Math.Max(cell.Length, 1)));
        return ConsoleProgress.Fit($"{name}  {phase}", width);
    }
}
