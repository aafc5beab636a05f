namespace Haq.Engine.Onnx;

/// <summary>
/// Element types of ONNX that OnnxSharp 0.3.2 has no names for; protobuf keeps their numbers. Sub-byte values are packed low bits first
/// (onnx.proto, <c>TensorProto.DataType</c>).
/// </summary>
public static class NewerDataType
{
    /// <summary>An exponent alone, 8 bits: 2^(bits − 127); 0xFF is NaN. Since IR version 12.</summary>
    public const DataType Float8E8M0 = (DataType)24;

    /// <summary>0..3, four per byte. Since IR version 13.</summary>
    public const DataType Uint2 = (DataType)25;

    /// <summary>−2..1, four per byte. Since IR version 13.</summary>
    public const DataType Int2 = (DataType)26;
}
