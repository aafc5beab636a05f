using Haq.Engine.Pipeline.Matrix;

namespace Haq.Tool.Matrix;

/// <summary>Shows how far a matrix is, until it is disposed of.</summary>
internal interface IMatrixView : IMatrixObserver, IDisposable;

/// <summary>The view that fits where standard error goes.</summary>
internal static class MatrixViews
{
    public static IMatrixView For(MatrixPlan plan, MatrixJobs jobs, bool isQuiet) =>
        isQuiet ? new SilentView()
        : Console.IsErrorRedirected ? new LineView(new MatrixClock(plan, jobs.Count), jobs, Console.Error)
        : new LiveView(new MatrixClock(plan, jobs.Count), jobs);

    private sealed class SilentView : IMatrixView
    {
        public void Started(MatrixCell cell)
        {
        }

        public void Progressed(MatrixCell cell, Haq.Engine.Pipeline.PipelineProgress progress)
        {
        }

        public void Finished(CellOutcome outcome)
        {
        }

        public void Dispose()
        {
        }
    }
}
