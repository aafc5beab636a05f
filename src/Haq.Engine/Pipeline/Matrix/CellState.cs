namespace Haq.Engine.Pipeline.Matrix;

/// <summary>How a cell ended.</summary>
public enum CellState
{
    /// <summary>Built now.</summary>
    Built,

    /// <summary>Known already: nothing was computed.</summary>
    UpToDate,

    /// <summary>Built, and its gate is broken.</summary>
    GateBroken,

    /// <summary>It could not be built.</summary>
    Failed,

    /// <summary>Stopped while it was being built; what it found is kept.</summary>
    Interrupted,

    /// <summary>Never begun.</summary>
    NotStarted,
}
