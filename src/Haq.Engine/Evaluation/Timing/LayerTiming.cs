using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Timing;

/// <summary>How long one layer takes in ONNX Runtime, for the whole batch.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Float">In float32.</param>
/// <param name="Int8">With 8-bit weights and activations (QDQ).</param>
public sealed record LayerTiming(QuantizableLayer Layer, RunTime Float, RunTime Int8)
{
    /// <summary>Int8 takes longer than float32 by more than both spreads explain.</summary>
    public bool IsInt8Slower => Int8.MedianSeconds - Int8.SpreadSeconds / 2 > Float.MedianSeconds + Float.SpreadSeconds / 2;

    /// <summary>Float32 time over int8 time.</summary>
    public double Gain => Float.MedianSeconds / Int8.MedianSeconds;
}
