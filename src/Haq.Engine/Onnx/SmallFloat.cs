namespace Haq.Engine.Onnx;

/// <summary>Decodes the floating-point formats of 4, 8 and 16 bits (OCP OFP8 and MX, and the FNUZ variants with a single NaN in place of −0).</summary>
internal static class SmallFloat
{
    public static float FromBits(DataType type, int bits) => type switch
    {
        DataType.Float16 => (float)BitConverter.UInt16BitsToHalf((ushort)bits),
        DataType.Bfloat16 => BitConverter.Int32BitsToSingle(bits << 16),
        DataType.Float8E4M3Fn => (bits & 0x7F) == 0x7F ? float.NaN : Decode(bits, 4, 3, 7),
        DataType.Float8E4M3Fnuz => bits == 0x80 ? float.NaN : Decode(bits, 4, 3, 8),
        DataType.Float8E5M2Fnuz => bits == 0x80 ? float.NaN : Decode(bits, 5, 2, 16),
        DataType.Float8E5M2 => (bits & 0x7F) switch
        {
            0x7C => (bits & 0x80) == 0 ? float.PositiveInfinity : float.NegativeInfinity,
            > 0x7C => float.NaN,
            _ => Decode(bits, 5, 2, 15),
        },
        NewerDataType.Float8E8M0 => bits == 0xFF ? float.NaN : MathF.ScaleB(1f, bits - 127),
        DataType.Float4E2M1 => Decode(bits, 2, 1, 1),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a small floating-point type"),
    };

    private static float Decode(int bits, int exponentBits, int mantissaBits, int bias)
    {
        int mantissa = bits & ((1 << mantissaBits) - 1);
        int exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
        bool negative = (bits >> (exponentBits + mantissaBits) & 1) == 1;
        // Exponent 0 holds the subnormal numbers, without the implied one.
        float magnitude = exponent == 0
            ? MathF.ScaleB(mantissa, 1 - bias - mantissaBits)
            : MathF.ScaleB(mantissa + (1 << mantissaBits), exponent - bias - mantissaBits);
        return negative ? -magnitude : magnitude;
    }
}
