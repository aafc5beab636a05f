namespace Haq.Engine.Hardware.Systolic;

/// <summary>What crosses the DRAM interface for one matrix product, in the order of loops that moves least.</summary>
/// <param name="Weights">Bits of weights.</param>
/// <param name="Input">Bits of activations.</param>
/// <param name="Output">Bits of results, spilled partial sums included.</param>
internal readonly record struct DramPlan(long Weights, long Input, long Output)
{
    private long Total => Weights + Input + Output;

    /// <summary>
    /// Tries weights outermost, inputs outermost, and the window outermost. An operand that fits its half buffer is fetched once; otherwise once for every tile of
    /// the outer one. With the window outermost each operand moves once, and partial sums that do not fit go out and come back between the parts.
    /// </summary>
    /// <param name="weights">Bits of all weights.</param>
    /// <param name="input">Bits of all activations.</param>
    /// <param name="output">Bits of all results as they are stored.</param>
    /// <param name="partialSums">Bits of all results at the accumulator's width.</param>
    /// <param name="half">Half of each buffer.</param>
    public static DramPlan Best(long weights, long input, long output, long partialSums, (long Weights, long Input, long Output) half)
    {
        checked
        {
            long weightTiles = CeilDiv(weights, half.Weights), inputTiles = CeilDiv(input, half.Input);
            var weightsOuter = new DramPlan(weights, inputTiles > 1 ? input * weightTiles : input, output);
            var inputsOuter = new DramPlan(weightTiles > 1 ? weights * inputTiles : weights, input, output);
            long parts = Math.Max(weightTiles, inputTiles);
            var windowOuter = new DramPlan(weights, input, partialSums <= half.Output ? output : output + 2 * (parts - 1) * partialSums);
            var best = weightsOuter.Total <= inputsOuter.Total ? weightsOuter : inputsOuter;
            return best.Total <= windowOuter.Total ? best : windowOuter;
        }
    }

    private static long CeilDiv(long value, long divisor) => (value + divisor - 1) / divisor;
}
