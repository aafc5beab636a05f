using System.Diagnostics;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Matrix;

namespace Haq.Tool.Matrix;

/// <summary>A line for each cell that is over, and one every half minute of what runs: for logs. Cells that were up to date are counted, not named.</summary>
internal sealed class LineView : IMatrixView
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(30);

    private readonly MatrixClock _clock;
    private readonly TextWriter _output;
    private readonly Lock _lock = new();
    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();

    public LineView(MatrixClock clock, MatrixJobs jobs, TextWriter output)
    {
        (_clock, _output) = (clock, output);
        Say($"{clock.Overall()}, {jobs.Count} at a time ({jobs.Why})");
    }

    public void Started(MatrixCell cell) => _clock.Started(cell);

    public void Progressed(MatrixCell cell, PipelineProgress progress)
    {
        _clock.Progressed(cell, progress);
        using var _ = _lock.EnterScope();
        if (_sinceLast.Elapsed < s_silence) return;
        Say($"{_clock.Overall()}; {string.Join("; ", _clock.Rows().Select(r => $"{r.Cell}: {r.Phase}"))}");
    }

    public void Finished(CellOutcome outcome)
    {
        using var _ = _lock.EnterScope();
        _clock.Finished(outcome);
        if (outcome.State != CellState.UpToDate) Say(_clock.Line(outcome));
    }

    public void Dispose() => _sinceLast.Stop();

    private void Say(string line)
    {
        _output.WriteLine(line);
        _sinceLast.Restart();
    }
}
