using System.Collections.Immutable;

namespace Haq.Engine.Quantization.Regions;

/// <summary>A tensor between units: a border runs through it where who makes it and who reads it are of different precision.</summary>
/// <param name="Name">The tensor.</param>
/// <param name="Elements">Its numbers, for one run.</param>
/// <param name="Producer">The unit that makes it; -1 where something else does, in floating point.</param>
/// <param name="Consumers">The units that read it.</param>
/// <param name="OtherReaders">Nodes outside of units that read it, each with its input; they take real numbers.</param>
public sealed record RegionTensor(string Name, long Elements, int Producer, ImmutableArray<int> Consumers, ImmutableArray<(string Node, int Input)> OtherReaders)
{
    /// <summary>Something reads it in floating point whatever is chosen.</summary>
    public bool IsReadAsReals => !OtherReaders.IsEmpty;
}
