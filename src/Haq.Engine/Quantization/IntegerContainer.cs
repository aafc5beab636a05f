using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization;

/// <summary>The narrowest ONNX integer type that ONNX Runtime's quantization operators take for a width.</summary>
internal readonly record struct IntegerContainer(DataType Signed, DataType Unsigned, int Bits)
{
    /// <summary>Four bits up to 4, eight up to 8, sixteen up to 16.</summary>
    public static IntegerContainer For(Bitwidth bits) => bits.Bits switch
    {
        <= 4 => new IntegerContainer(DataType.Int4, DataType.Uint4, 4),
        <= 8 => Byte,
        _ => new IntegerContainer(DataType.Int16, DataType.Uint16, 16),
    };

    /// <summary>Two bits, from operator set <see cref="QdqExporter.OpsetOfTwoBits"/> on: for <see cref="TwoBitProducts"/> alone.</summary>
    public static IntegerContainer TwoBits => new(NewerDataType.Int2, NewerDataType.Uint2, 2);

    /// <summary>
    /// The type for activations: eight bits or more. With UINT4 ONNX Runtime (1.31.1) refuses a convolution with INT8 weights and a MaxPool, and
    /// computes a convolution with INT4 weights in float, where UINT8
    /// loses nothing: a Clip keeps it to its width.
    /// </summary>
    public static IntegerContainer ForActivations(Bitwidth bits) => bits <= 8 ? Byte : For(bits);

    /// <summary>Eight bits.</summary>
    public static IntegerContainer Byte => new(DataType.Int8, DataType.Uint8, 8);

    /// <summary>The type that holds a range: signed where it has negative integers.</summary>
    public DataType TypeFor(IntegerRange range) => range.Min < 0 ? Signed : Unsigned;

    /// <summary>The type holds <paramref name="range"/> and nothing more, so that saturation is clipping.</summary>
    public bool IsFilledBy(IntegerRange range) => range.Levels == 1 << Bits && (range.Min == 0 || range.Min == -(1 << (Bits - 1)));
}
