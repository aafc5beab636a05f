using System.Collections.Immutable;

namespace Haq.Engine.Hardware.Probes;

/// <summary>The whole network under one policy.</summary>
/// <param name="Probe">Its probe.</param>
/// <param name="Bits">By layer: the pair of widths.</param>
public sealed record ProbedPolicy(string Probe, ImmutableArray<string> Bits)
{
    /// <summary>Every layer has the same pair.</summary>
    public bool IsUniform => Bits.All(b => b == Bits[0]);
}

/// <summary>A change of width.</summary>
/// <param name="Elements">Numbers in the tensor.</param>
/// <param name="From">Width before.</param>
/// <param name="To">Width after.</param>
/// <param name="Probe">Its probe.</param>
public sealed record ProbedConvert(long Elements, int From, int To, string Probe);

/// <summary>A tensor that one layer makes and another reads.</summary>
/// <param name="From">Index of the layer that makes it.</param>
/// <param name="To">Index of the layer that reads it.</param>
/// <param name="Elements">Numbers in it.</param>
public sealed record ProbedBorder(int From, int To, long Elements);
