using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Matrix;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Matrix;
using Haq.Tool.Output;

namespace Haq.Tool.Matrix;

/// <summary>How far a matrix is, in words. Safe for several threads.</summary>
/// <param name="plan">What is built.</param>
/// <param name="jobs">How many cells at a time.</param>
/// <param name="now">Seconds since some moment; null for the system's.</param>
internal sealed class MatrixClock(MatrixPlan plan, int jobs, Func<double>? now = null)
{
    private readonly Lock _lock = new();
    private readonly Func<double> _now = now ?? (() => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency);
    private readonly SortedDictionary<int, (MatrixCell Cell, PipelineProgress? Progress, double Since)> _running = [];
    private int _finished, _upToDate, _wrong, _built;
    private double _spent;

    /// <summary>The share of cells that are over, 0..1.</summary>
    public double Share
    {
        get
        {
            using var _ = _lock.EnterScope();
            return plan.Cells.Length == 0 ? 1 : (double)_finished / plan.Cells.Length;
        }
    }

    public void Started(MatrixCell cell)
    {
        using var _ = _lock.EnterScope();
        _running[cell.Index] = (cell, null, _now());
    }

    public void Progressed(MatrixCell cell, PipelineProgress progress)
    {
        using var _ = _lock.EnterScope();
        if (_running.TryGetValue(cell.Index, out var row)) _running[cell.Index] = row with { Progress = progress };
    }

    public void Finished(CellOutcome outcome)
    {
        using var _ = _lock.EnterScope();
        _running.Remove(outcome.Cell.Index);
        _finished++;
        if (outcome.State is CellState.UpToDate) _upToDate++;
        else if (outcome.State is CellState.GateBroken or CellState.Failed) _wrong++;
        if (outcome.State is not (CellState.Built or CellState.GateBroken)) return;
        _built++;
        _spent += outcome.Elapsed.TotalSeconds;
    }

    /// <summary>For example <c>12 of 300 cells, 1 failed or broken, 3 min 20 s left</c>.</summary>
    public string Overall()
    {
        using var _ = _lock.EnterScope();
        string wrong = _wrong > 0 ? $", {_wrong} failed or broken" : "", known = _upToDate > 0 ? $", {_upToDate} up to date" : "";
        return $"{_finished} of {plan.Cells.Length} cells{known}{wrong}{(Left() is { } left ? $", {ConsoleProgress.Duration(left)} left" : "")}";
    }

    /// <summary>One line for each cell that runs: what it is, and where.</summary>
    public IReadOnlyList<(string Cell, string Phase)> Rows()
    {
        using var _ = _lock.EnterScope();
        return [.. _running.Values.Select(row => (Name(row.Cell), row.Progress is { } p ? ConsoleProgress.Line(p) : "starting"))];
    }

    /// <summary>For example <c>[ 12/300] nets/haq.yaml for bismo-edge: 99.10 % (−0.20 points), 3.2 s</c>.</summary>
    public string Line(CellOutcome outcome)
    {
        int width = plan.Cells.Length.ToString(CultureInfo.InvariantCulture).Length;
        string place;
        using (_lock.EnterScope()) place = _finished.ToString(CultureInfo.InvariantCulture).PadLeft(width);
        var facts = outcome.Facts;
        string what = outcome.State switch
        {
            CellState.Failed => $"failed: {(outcome.Errors.Count > 0 ? $"{outcome.Errors[0].Descriptor.Code} {outcome.Errors[0].Message}" : "")}",
            CellState.Interrupted => "interrupted",
            CellState.UpToDate => "up to date",
            _ => $"{(outcome.State == CellState.GateBroken ? "gate broken, " : "")}{Accuracy(facts)}{ConsoleProgress.Duration(outcome.Elapsed)}",
        };
        return $"[{place}/{plan.Cells.Length}] {Name(outcome.Cell)}: {what}";
    }

    private static string Accuracy(MatrixCellFacts facts) =>
        facts.Delivered is null ? "" : $"{MatrixColumn.AccuracyText(facts, facts.Delivered)}{(facts.AccuracyVsFloat is { } points ? $" ({Figure.Points(points)} points)" : "")}, ";

    private string Name(MatrixCell cell)
    {
        string manifest = Path.GetRelativePath(plan.Root, cell.Manifest).Replace('\\', '/');
        return cell.Target.Length > 0 ? $"{manifest} for {cell.Target}" : manifest;
    }

    // What is left takes as long as what was built, so many at a time; nothing is known before the first, nor where all that runs takes longer than that already.
    private TimeSpan? Left()
    {
        if (_built == 0 || _finished == plan.Cells.Length) return null;
        double mean = _spent / _built, spent = _running.Values.Sum(r => Math.Min(mean, _now() - r.Since));
        double left = mean * (plan.Cells.Length - _finished) - spent;
        return left > mean * 0.05 ? TimeSpan.FromSeconds(Math.Max(1, left / Math.Min(jobs, plan.Cells.Length - _finished))) : null;
    }
}
