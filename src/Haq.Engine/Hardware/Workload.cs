using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>What a cost model is asked: one layer at one pair of widths.</summary>
/// <param name="Layer">The layer; models of a shape look only at its shape.</param>
/// <param name="Stored">The widths that memory holds and traffic counts.</param>
/// <param name="Computed">The same, rounded up to what the target computes with.</param>
/// <param name="Batch">Images at a time, at least 1.</param>
/// <param name="IsFirst">The layer reads the network's input.</param>
/// <param name="Output">Width of the output as it is written: the consumer's activation bits, or an upper bound.</param>
public readonly record struct Workload(QuantizableLayer Layer, LayerBits Stored, LayerBits Computed, int Batch, bool IsFirst, Bitwidth Output)
{
    /// <summary>The loop nest.</summary>
    public LayerShape Shape => Layer.Shape;

    /// <summary>Multiply-accumulates of the whole batch.</summary>
    public long Macs => checked(Shape.Macs * Batch);
}
