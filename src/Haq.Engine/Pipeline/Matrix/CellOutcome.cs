using Haq.Engine.Diagnostics;
using Haq.Engine.Reporting.Matrix;

namespace Haq.Engine.Pipeline.Matrix;

/// <summary>What came of a cell.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="State">How it ended.</param>
/// <param name="Facts">Its figures, as the summary shows them.</param>
public sealed record CellOutcome(MatrixCell Cell, CellState State, MatrixCellFacts Facts)
{
    /// <summary>What is wrong: why it failed, or which gates are broken.</summary>
    public IReadOnlyList<Diagnostic> Errors { get; init; } = [];

    /// <summary>In the order they were given.</summary>
    public IReadOnlyList<Diagnostic> Warnings { get; init; } = [];

    /// <summary>What was not foreseen; null elsewhere.</summary>
    public Exception? Unforeseen { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Its part of the exit status.</summary>
    public ExitCode Exit => State switch
    {
        CellState.Interrupted => ExitCode.Interrupted,
        CellState.GateBroken or CellState.Failed => Errors.Count > 0 ? Errors[0].Descriptor.Exit : ExitCode.Machine,
        _ => ExitCode.Ok,
    };
}
