using Haq.Engine.Layers;
using Haq.Engine.Onnx.Schema;

namespace Haq.Engine.Quantization.Export;

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

    /// <summary>
    /// The type for activations: as for weights, but eight bits where a 4-bit one would need a zero point, since ONNX Runtime's ClipQuantFusion ends with an error
    /// when a Clip or the network's own limit stands before such a QuantizeLinear.
    /// </summary>
    public static IntegerContainer ForActivations(Bitwidth bits, Quantizer quantizer) => For(bits) is { Bits: 4 } && quantizer.ZeroPoint != 0 ? Byte : For(bits);

    /// <summary>Eight bits.</summary>
    public static IntegerContainer Byte => new(DataType.Int8, DataType.Uint8, 8);

    /// <summary>The unsigned type holds <paramref name="range"/> and nothing more, so that saturation is clipping.</summary>
    public bool IsFilledBy(IntegerRange range) => range.Min == 0 && range.Max == (1 << Bits) - 1;
}
