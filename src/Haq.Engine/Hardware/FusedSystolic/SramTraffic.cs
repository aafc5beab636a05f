namespace Haq.Engine.Hardware.FusedSystolic;

/// <summary>Bits in and out of the three buffers; doubles, because they count every multiply-accumulate and only feed energy.</summary>
internal readonly record struct SramTraffic(
    double WeightRead, double WeightWrite, double InputRead, double InputWrite, double OutputRead, double OutputWrite)
{
    /// <summary>Energy in picojoules.</summary>
    public double Picojoules(FusedSystolicEnergy e) =>
        WeightRead * e.WeightRead + WeightWrite * e.WeightWrite + InputRead * e.InputRead + InputWrite * e.InputWrite
        + OutputRead * e.OutputRead + OutputWrite * e.OutputWrite;

    /// <summary>With what moves between the buffers and DRAM on top.</summary>
    public SramTraffic WithDram(double weights, double inputs, double outputs) => this with
    {
        WeightWrite = WeightWrite + weights,
        InputWrite = InputWrite + inputs,
        OutputRead = OutputRead + outputs,
        OutputWrite = OutputWrite + outputs,
    };

    /// <summary>
    /// What the array reads and writes for one tile in the cheapest of three orders: input-, output- or weight-stationary. Orders are compared with
    /// the loops padded to the array and a bit of any tensor costing the same; the traffic itself is of the real loops.
    /// </summary>
    /// <param name="window">Products that one output adds up in the tile.</param>
    /// <param name="paddedWindow">The same, padded to the array's rows.</param>
    /// <param name="outputs">Output channels that share an input.</param>
    /// <param name="paddedOutputs">The same, padded to the array's columns.</param>
    /// <param name="pixels">Output positions, batch included.</param>
    /// <param name="times">How many such tiles there are.</param>
    /// <param name="weightBits">Stored width of weights.</param>
    /// <param name="inputBits">Stored width of inputs.</param>
    /// <param name="outputBits">Width of partial sums.</param>
    public static SramTraffic OfTiles(
        double window, double paddedWindow, double outputs, double paddedOutputs, double pixels, double times, int weightBits, int inputBits, int outputBits)
    {
        double inputStationary = paddedWindow * pixels * (inputBits + paddedOutputs * (weightBits + outputBits));
        double outputStationary = paddedOutputs * pixels * (outputBits + paddedWindow * (inputBits + weightBits));
        double weightStationary = paddedWindow * paddedOutputs * (weightBits + pixels * (inputBits + outputBits));
        double least = Math.Min(inputStationary, Math.Min(outputStationary, weightStationary));
        double macs = times * window * pixels * outputs;
        if (inputStationary == least)
            return new SramTraffic(macs * weightBits, 0, times * window * pixels * inputBits, 0, macs * outputBits, macs * outputBits);
        if (outputStationary == least)
        {
            double results = times * outputs * pixels * outputBits;
            return new SramTraffic(macs * weightBits, 0, macs * inputBits, 0, results, results);
        }
        return new SramTraffic(times * window * outputs * weightBits, 0, macs * inputBits, 0, macs * outputBits, macs * outputBits);
    }
}
