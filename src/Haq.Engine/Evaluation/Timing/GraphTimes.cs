namespace Haq.Engine.Evaluation.Timing;

/// <summary>Where the time of a run goes, in terms of the network as it is written and not as ONNX Runtime rewrote it. Seconds.</summary>
/// <param name="Nodes">By the name of a node; of several that became one kernel, the last has all of it.</param>
/// <param name="Quantizing">By tensor: QuantizeLinear behind it.</param>
/// <param name="Dequantizing">By tensor: DequantizeLinear behind it.</param>
/// <param name="Dynamic">By tensor: DynamicQuantizeLinear behind it.</param>
/// <param name="Moving">By tensor: changes of layout.</param>
/// <param name="Other">What belongs to none.</param>
internal sealed record GraphTimes(
    IReadOnlyDictionary<string, double> Nodes, IReadOnlyDictionary<string, double> Quantizing, IReadOnlyDictionary<string, double> Dequantizing, IReadOnlyDictionary<string, double> Dynamic,
    IReadOnlyDictionary<string, double> Moving, double Other)
{
    /// <summary>All of it.</summary>
    public double Total => Nodes.Values.Sum() + Quantizing.Values.Sum() + Dequantizing.Values.Sum() + Dynamic.Values.Sum() + Moving.Values.Sum() + Other;
}
