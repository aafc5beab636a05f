using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>What a cost model is asked of a tensor between layers.</summary>
/// <param name="Elements">Numbers in it per image.</param>
/// <param name="Stored">The width that it is kept in.</param>
/// <param name="Passes">How often what is no layer reads or writes it.</param>
/// <param name="Batch">Images at a time.</param>
public readonly record struct TensorWork(long Elements, Bitwidth Stored, int Passes, int Batch)
{
    /// <summary>Bits that all passes move.</summary>
    public long Bits => checked(Elements * Stored * Passes * Batch);
}
