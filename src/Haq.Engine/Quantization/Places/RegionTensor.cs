using System.Collections.Immutable;

namespace Haq.Engine.Quantization.Places;

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

    /// <summary>Under a plan, it is made as real numbers and something reads integers.</summary>
    public bool IsQuantized(RegionPlan plan) => !IsMadeInIntegers(plan) && Consumers.Any(plan.IsInteger);

    /// <summary>Under a plan, it is made as integers and something reads real numbers.</summary>
    public bool IsDequantized(RegionPlan plan) => IsMadeInIntegers(plan) && (IsReadAsReals || Consumers.Any(c => !plan.IsInteger(c)));

    /// <summary>Under a plan, something reads it with a scale of every run.</summary>
    public bool IsDynamic(RegionPlan plan) => Consumers.Any(c => plan[c] == UnitForm.Dynamic);

    private bool IsMadeInIntegers(RegionPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return Producer >= 0 && plan.IsInteger(Producer);
    }
}
