namespace Haq.Engine.Hardware.Systolic;

/// <summary>
/// A matrix product cut to the size of the array: SCALE-Sim's folds (Samajdar et al., ISPASS 2020). Pixels are rows of activations, filters columns of weights,
/// the window what one output adds up.
/// </summary>
/// <param name="Count">How often the array is filled anew.</param>
/// <param name="Stream">Steps for which data pass through in one fold.</param>
/// <param name="Skew">Steps in which the array fills and drains.</param>
internal readonly record struct Folds(long Count, long Stream, long Skew)
{
    /// <summary>The folds of a product on an array of <paramref name="rows"/> x <paramref name="cols"/>.</summary>
    /// <param name="dataflow">What stays in place.</param>
    /// <param name="pixels">Rows of activations.</param>
    /// <param name="filters">Columns of weights.</param>
    /// <param name="window">Length of each sum.</param>
    /// <param name="rows">Height of the array.</param>
    /// <param name="cols">Width of the array.</param>
    /// <param name="macs">Multiply-accumulates of one element in a step, along the window.</param>
    public static Folds Of(Dataflow dataflow, long pixels, long filters, long window, long rows, long cols, long macs)
    {
        long steps = CeilDiv(window, macs);
        return checked(dataflow switch
        {
            Dataflow.OutputStationary => new Folds(CeilDiv(pixels, rows) * CeilDiv(filters, cols), steps, rows + cols - 2),
            Dataflow.WeightStationary => new Folds(CeilDiv(steps, rows) * CeilDiv(filters, cols), pixels, 2 * rows + cols - 2),
            _ => new Folds(CeilDiv(steps, rows) * CeilDiv(pixels, cols), filters, 2 * rows + cols - 2),
        });
    }

    /// <summary>One fold after the other; the last step of the last one is not counted, as in SCALE-Sim.</summary>
    public long SerialCycles => checked(Count * (Stream + Skew) - 1);

    /// <summary>Each fold fills while the one before it drains, so that the skew counts once.</summary>
    public long OverlappedCycles => checked(Count * Stream + Skew - 1);

    private static long CeilDiv(long value, long divisor) => (value + divisor - 1) / divisor;
}
