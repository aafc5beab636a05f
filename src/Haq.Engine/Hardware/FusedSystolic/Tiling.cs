namespace Haq.Engine.Hardware.FusedSystolic;

/// <summary>One way to cut a loop nest into tiles, before an order is chosen.</summary>
/// <param name="Trips">Tiles along each loop.</param>
/// <param name="Weights">Bits of a tile's weights.</param>
/// <param name="Inputs">Bits of a tile's inputs.</param>
/// <param name="Outputs">Bits of a tile's outputs.</param>
/// <param name="Compute">Cycles of all tiles.</param>
/// <param name="Sram">Buffer traffic of all tiles, without what moves to and from DRAM.</param>
/// <param name="LeastCycles">No order is faster.</param>
/// <param name="LeastEnergy">No order takes less.</param>
internal readonly record struct Tiling(
    Trips Trips, long Weights, long Inputs, long Outputs, long Compute, SramTraffic Sram, long LeastCycles, double LeastEnergy) : IComparable<Tiling>
{
    /// <summary>The more promising first.</summary>
    public int CompareTo(Tiling other) =>
        LeastCycles != other.LeastCycles ? LeastCycles.CompareTo(other.LeastCycles) : LeastEnergy.CompareTo(other.LeastEnergy);
}
