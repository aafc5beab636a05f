using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Reporting.Matrix;

namespace Haq.Engine.Pipeline.Matrix;

/// <summary>What came of all cells.</summary>
/// <param name="Outcomes">By cell.</param>
/// <param name="Report">The summary.</param>
/// <param name="IsInterrupted">The user stopped it.</param>
public sealed record MatrixResult(ImmutableArray<CellOutcome> Outcomes, MatrixReport Report, bool IsInterrupted)
{
    /// <summary>The worst of the cells', in the order of the exit statuses.</summary>
    public ExitCode Exit => IsInterrupted ? ExitCode.Interrupted : Outcomes.Select(o => o.Exit).Where(e => e != ExitCode.Interrupted).DefaultIfEmpty().Max();
}
