using System.Runtime.InteropServices;

namespace Haq.Engine.Data;

/// <summary>Facts about element types, and their values as reals or integers.</summary>
internal static class ElementKinds
{
    public static int BytesOf(ElementKind kind) => kind switch
    {
        ElementKind.Uint8 or ElementKind.Int8 or ElementKind.Bool => 1,
        ElementKind.Int16 or ElementKind.Uint16 or ElementKind.Float16 => 2,
        ElementKind.Int32 or ElementKind.Uint32 or ElementKind.Float32 => 4,
        _ => 8,
    };

    /// <summary>The name in the manifest.</summary>
    public static string NameOf(ElementKind kind) => kind.ToString().ToLowerInvariant();

    public static bool IsReal(ElementKind kind) => kind is ElementKind.Float16 or ElementKind.Float32 or ElementKind.Float64;

    /// <summary>Element <paramref name="i"/> as a real; 64-bit integers beyond 2^53 are rounded.</summary>
    public static double Real(ElementKind kind, ReadOnlySpan<byte> bytes, int i) => kind switch
    {
        ElementKind.Float16 => (double)MemoryMarshal.Cast<byte, Half>(bytes)[i],
        ElementKind.Float32 => MemoryMarshal.Cast<byte, float>(bytes)[i],
        ElementKind.Float64 => MemoryMarshal.Cast<byte, double>(bytes)[i],
        _ => Integer(kind, bytes, i),
    };

    /// <summary>Element <paramref name="i"/> of an integer type.</summary>
    public static long Integer(ElementKind kind, ReadOnlySpan<byte> bytes, int i) => kind switch
    {
        ElementKind.Uint8 => bytes[i],
        ElementKind.Bool => bytes[i] == 0 ? 0 : 1,
        ElementKind.Int8 => (sbyte)bytes[i],
        ElementKind.Int16 => MemoryMarshal.Cast<byte, short>(bytes)[i],
        ElementKind.Uint16 => MemoryMarshal.Cast<byte, ushort>(bytes)[i],
        ElementKind.Int32 => MemoryMarshal.Cast<byte, int>(bytes)[i],
        ElementKind.Uint32 => MemoryMarshal.Cast<byte, uint>(bytes)[i],
        ElementKind.Int64 => MemoryMarshal.Cast<byte, long>(bytes)[i],
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not an integer type"),
    };
}
