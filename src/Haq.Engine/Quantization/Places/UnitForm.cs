namespace Haq.Engine.Quantization.Places;

/// <summary>What a unit is computed in. All but <see cref="Integers"/> read and make real numbers.</summary>
public enum UnitForm
{
    /// <summary>Floating point.</summary>
    Float,

    /// <summary>8-bit integers with scales that calibration gave: part of a region.</summary>
    Integers,

    /// <summary>A product of 8-bit integers whose input gets its scale in every run (DynamicQuantizeLinear, MatMulInteger).</summary>
    Dynamic,

    /// <summary>A product with blocks of 8-bit weights (MatMulNBits).</summary>
    Blocks8,

    /// <summary>A product with blocks of 4-bit weights (MatMulNBits).</summary>
    Blocks4,

    /// <summary>A table of 8-bit rows.</summary>
    Rows8,

    /// <summary>A table of rows in blocks of 4 bits (GatherBlockQuantized).</summary>
    Rows4,
}
