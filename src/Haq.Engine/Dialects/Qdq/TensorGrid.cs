using System.Collections.Immutable;
using Haq.Engine.Onnx;

namespace Haq.Engine.Dialects.Qdq;

/// <summary>How a QuantizeLinear or DequantizeLinear node maps reals to integers.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Type">The integers' type.</param>
/// <param name="Scales">One scale, or one a channel or block; empty where they are computed when the model runs.</param>
/// <param name="ZeroPoints">One or as many as scales; empty where they are computed when the model runs.</param>
/// <param name="Axis">The axis of channels or blocks, counted from the front of the tensor that the node reads; null for one scale.</param>
/// <param name="Block">Elements that share a scale along the axis; 0 without blocks.</param>
internal sealed record TensorGrid(string Node, DataType Type, ImmutableArray<float> Scales, ImmutableArray<long> ZeroPoints, int? Axis, int Block)
{
    /// <summary>The bits of the type.</summary>
    public int Bits => ElementTypes.BitsOf(Type);

    /// <summary>One scale for the whole tensor.</summary>
    public bool IsPerTensor => Axis is null;

    /// <summary>The first zero point that is not <paramref name="expected"/>.</summary>
    public long? ZeroPointOtherThan(long expected)
    {
        foreach (long zero in ZeroPoints) if (zero != expected) return zero;
        return null;
    }

    /// <summary>The first scale that is no power of two.</summary>
    public float? ScaleNoPowerOfTwo()
    {
        foreach (float scale in Scales) if (!float.IsNormal(scale) || (BitConverter.SingleToInt32Bits(scale) & 0x7FFFFF) != 0) return scale;
        return null;
    }

    /// <summary>Integers of both mean the same reals.</summary>
    public bool Means(TensorGrid other) => Type == other.Type && Axis == other.Axis && Block == other.Block
        && Scales.AsSpan().SequenceEqual(other.Scales.AsSpan()) && ZeroPoints.AsSpan().SequenceEqual(other.ZeroPoints.AsSpan());
}
