namespace Haq.Engine.Data;

/// <summary>The type of an array's elements.</summary>
public enum ElementKind
{
    /// <summary>8 bits, 0..255.</summary>
    Uint8,

    /// <summary>8 bits, signed.</summary>
    Int8,

    /// <summary>16 bits, signed.</summary>
    Int16,

    /// <summary>16 bits, 0..65535.</summary>
    Uint16,

    /// <summary>32 bits, signed.</summary>
    Int32,

    /// <summary>32 bits, 0 or more.</summary>
    Uint32,

    /// <summary>64 bits, signed.</summary>
    Int64,

    /// <summary>IEEE 754 binary16.</summary>
    Float16,

    /// <summary>IEEE 754 binary32.</summary>
    Float32,

    /// <summary>IEEE 754 binary64.</summary>
    Float64,

    /// <summary>One byte, 0 or 1.</summary>
    Bool,
}
