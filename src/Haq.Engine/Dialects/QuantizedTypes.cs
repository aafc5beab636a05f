using System.Collections.Immutable;
using Haq.Engine.Onnx;

namespace Haq.Engine.Dialects;

/// <summary>The element types that rules name, by the name that they are written with.</summary>
internal static class QuantizedTypes
{
    private static readonly DataType[] s_types =
    [
        NewerDataType.Int2, NewerDataType.Uint2, DataType.Int4, DataType.Uint4, DataType.Int8, DataType.Uint8, DataType.Int16, DataType.Uint16, DataType.Int32,
        DataType.Float, DataType.Float16, DataType.Bfloat16, DataType.Float8E4M3Fn, DataType.Float8E5M2, DataType.Float4E2M1,
    ];

    /// <summary>All of them.</summary>
    public static ImmutableSortedDictionary<string, DataType> ByName { get; } = s_types.ToImmutableSortedDictionary(NameOf, t => t, StringComparer.Ordinal);

    /// <summary>Their names.</summary>
    public static ImmutableArray<string> Names { get; } = [.. s_types.Select(NameOf)];

    /// <summary>For example <c>uint8</c>; also for the types that the schema is too old to name.</summary>
    public static string NameOf(DataType type) => type switch
    {
        NewerDataType.Int2 => "int2",
        NewerDataType.Uint2 => "uint2",
        _ => ElementTypes.NameOf(type),
    };

    /// <summary>For example <c>int8 or uint8</c>.</summary>
    public static string Or(IEnumerable<DataType> types) => string.Join(" or ", types.Select(NameOf));

    /// <summary>The type holds negative integers or reals.</summary>
    public static bool IsSigned(DataType type) => ElementTypes.IsReal(type) || ElementTypes.IntegerRange(type).Min < 0;
}
