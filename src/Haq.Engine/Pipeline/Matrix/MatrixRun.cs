using System.Collections.Immutable;
using System.Diagnostics;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Reporting.Matrix;

namespace Haq.Engine.Pipeline.Matrix;

/// <summary>Builds every cell of a matrix in one process, several at a time. What one of them leaves is what it would leave alone.</summary>
/// <param name="plan">What is to be built.</param>
/// <param name="summary">The folder of the summary, which its links start from.</param>
/// <param name="observer">Told what cells do.</param>
public sealed class MatrixRun(MatrixPlan plan, string summary, IMatrixObserver observer)
{
    private const int StackBytes = 1 << 24;

    // With the first word of these a cell is past all that other targets of its model need as well.
    private static readonly ImmutableHashSet<string> s_own = ["search", "device", "regions", "mend", "reconstruct", "finetune", "export", "report"];

    private readonly MatrixSchedule _schedule = new(plan.Cells);
    private readonly MatrixPlaces _places = new(plan, summary);
    private readonly CellOutcome?[] _outcomes = new CellOutcome?[plan.Cells.Length];

    /// <summary>How many cells run at a time.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>The first cell that fails, or breaks its gate, is the last.</summary>
    public bool FailFast { get; init; }

    /// <summary>Builds them all; whatever goes wrong with a cell is in its outcome.</summary>
    /// <param name="cancellation">Stops the cells that run; what they found is kept.</param>
    public MatrixResult Run(CancellationToken cancellation)
    {
        if (plan.Cells is [var any, ..] && any.Options.Cache.Remote is { } remote) remote.Builds = plan.Cells.Length;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var stopping = ending.Token.Register(_schedule.Stop);
        int jobs = Math.Clamp(Jobs, 1, Math.Max(1, plan.Cells.Length));
        var threads = Enumerable.Range(0, jobs).Select(i => new Thread(() => Work(ending), StackBytes) { Name = $"cell {i}", IsBackground = true }).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        for (int i = 0; i < _outcomes.Length; i++) _outcomes[i] ??= new CellOutcome(plan.Cells[i], CellState.NotStarted, Facts(plan.Cells[i], MatrixStates.NotStarted, [], []));
        var outcomes = _outcomes.Select(o => o!).ToImmutableArray();
        return new MatrixResult(outcomes, new MatrixReport { Engine = EngineIdentity.Version, Cells = [.. outcomes.Select(o => o.Facts)] }, cancellation.IsCancellationRequested);
    }

    private void Work(CancellationTokenSource ending)
    {
        while (_schedule.Take() is { } cell)
        {
            observer.Started(cell);
            var outcome = Build(cell, ending.Token);
            _outcomes[cell.Index] = outcome;
            _schedule.Finished(cell);
            observer.Finished(outcome);
            if (FailFast && outcome.Exit is not ExitCode.Ok and not ExitCode.Interrupted) ending.Cancel();
        }
    }

    private CellOutcome Build(MatrixCell cell, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            if (cell.Defect is { } defect) throw new HaqException(defect.Diagnostics);
            var result = ManifestBuild.Run(cell.Options, new Progress(this, cell), cancellation);
            bool isBroken = result.BrokenGates.Count > 0;
            var state = isBroken ? CellState.GateBroken : result.FromCache ? CellState.UpToDate : CellState.Built;
            var facts = Facts(cell, isBroken ? MatrixStates.GateBroken : MatrixStates.Ok, result.BrokenGates, result.Warnings);
            return new CellOutcome(cell, state, facts.With(result.Report) with { Report = LinkTo(result, "report"), Output = LinkTo(result, "model") })
            {
                Errors = result.BrokenGates, Warnings = result.Warnings, Elapsed = clock.Elapsed,
            };
        }
        catch (Exception e)
        {
            var cause = ParallelFailure.Of(e);
            if (cause is OperationCanceledException && cancellation.IsCancellationRequested)
                return new CellOutcome(cell, CellState.Interrupted, Facts(cell, MatrixStates.Interrupted, [], [])) { Elapsed = clock.Elapsed };
            var errors = CellFailure.Of(cause, cell.Manifest);
            return new CellOutcome(cell, CellState.Failed, Facts(cell, MatrixStates.Failed, errors, []))
            {
                Errors = errors, Elapsed = clock.Elapsed, Unforeseen = cause is HaqException ? null : cause,
            };
        }
    }

    private string? LinkTo(PipelineResult result, string kind) => _places.Link(result.Outputs.FirstOrDefault(o => o.Kind == kind)?.Path);

    private MatrixCellFacts Facts(MatrixCell cell, string state, IReadOnlyList<Diagnostic> errors, IReadOnlyList<Diagnostic> warnings) => new()
    {
        Manifest = _places.Manifest(cell), Target = cell.Target, State = state, Errors = [.. errors.Select(_places.Facts)], Warnings = [.. warnings.Select(_places.Facts)],
    };

    private sealed class Progress(MatrixRun run, MatrixCell cell) : IProgress<PipelineProgress>
    {
        private bool _isPrepared;

        public void Report(PipelineProgress value)
        {
            if (!_isPrepared && s_own.Contains(value.Stage))
            {
                _isPrepared = true;
                run._schedule.Prepared(cell);
            }
            run.Observe(cell, value);
        }
    }

    private void Observe(MatrixCell cell, PipelineProgress value) => observer.Progressed(cell, value);
}
