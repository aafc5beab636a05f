namespace Haq.Engine.Pipeline.Matrix;

/// <summary>Told what cells do, from several threads at once.</summary>
public interface IMatrixObserver
{
    /// <summary>A cell begins.</summary>
    void Started(MatrixCell cell);

    /// <summary>A cell is somewhere.</summary>
    void Progressed(MatrixCell cell, PipelineProgress progress);

    /// <summary>A cell is over.</summary>
    void Finished(CellOutcome outcome);
}
