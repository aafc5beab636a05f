namespace Haq.Engine.Onnx;

/// <summary>Facts about ONNX element types.</summary>
public static class ElementTypes
{
    /// <summary>Bits per element as stored; 0 for text and undefined types.</summary>
    public static int BitsOf(DataType type) => type switch
    {
        NewerDataType.Uint2 or NewerDataType.Int2 => 2,
        DataType.Uint4 or DataType.Int4 or DataType.Float4E2M1 => 4,
        DataType.Uint8 or DataType.Int8 or DataType.Bool => 8,
        DataType.Float8E4M3Fn or DataType.Float8E4M3Fnuz or DataType.Float8E5M2 or DataType.Float8E5M2Fnuz or NewerDataType.Float8E8M0 => 8,
        DataType.Uint16 or DataType.Int16 or DataType.Float16 or DataType.Bfloat16 => 16,
        DataType.Uint32 or DataType.Int32 or DataType.Float => 32,
        DataType.Uint64 or DataType.Int64 or DataType.Double or DataType.Complex64 => 64,
        DataType.Complex128 => 128,
        _ => 0,
    };

    /// <summary>Real numbers of any width.</summary>
    public static bool IsReal(DataType type) => type is DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16
        or DataType.Float8E4M3Fn or DataType.Float8E4M3Fnuz or DataType.Float8E5M2 or DataType.Float8E5M2Fnuz or NewerDataType.Float8E8M0 or DataType.Float4E2M1;

    /// <summary>Signed or unsigned integers of any width; not booleans.</summary>
    public static bool IsInteger(DataType type) => IntegerRange(type) != (0, 0);

    /// <summary>The least and greatest value of an integer type ((0, 0) for other types; the top of UINT64 does not fit and reads as the greatest long).</summary>
    public static (long Min, long Max) IntegerRange(DataType type) => type switch
    {
        NewerDataType.Int2 => (-2, 1),
        NewerDataType.Uint2 => (0, 3),
        DataType.Int4 => (-8, 7),
        DataType.Uint4 => (0, 15),
        DataType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        DataType.Uint8 => (0, byte.MaxValue),
        DataType.Int16 => (short.MinValue, short.MaxValue),
        DataType.Uint16 => (0, ushort.MaxValue),
        DataType.Int32 => (int.MinValue, int.MaxValue),
        DataType.Uint32 => (0, uint.MaxValue),
        DataType.Int64 => (long.MinValue, long.MaxValue),
        DataType.Uint64 => (0, long.MaxValue),
        _ => (0, 0),
    };

    /// <summary>The name as the ONNX documents write it, for example <c>float</c> or <c>int4</c>.</summary>
    public static string NameOf(DataType type) => type.ToString().ToLowerInvariant();
}
