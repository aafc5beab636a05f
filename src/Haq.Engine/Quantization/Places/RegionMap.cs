using System.Collections.Immutable;

namespace Haq.Engine.Quantization.Places;

/// <summary>The units of a network and the tensors between them.</summary>
/// <param name="Units">In execution order.</param>
/// <param name="Tensors">Each tensor that a unit reads or makes.</param>
public sealed record RegionMap(ImmutableArray<RegionUnit> Units, ImmutableArray<RegionTensor> Tensors)
{
    /// <summary>Nothing in integers.</summary>
    public RegionPlan AllFloat => new([.. Units.Select(_ => UnitForm.Float)]);

    /// <summary>Everything in integers that can be, tables in 8 bits.</summary>
    public RegionPlan AllInteger => new([.. Units.Select(u => u.CanBeInteger ? UnitForm.Integers : u.Table is not null ? UnitForm.Rows8 : UnitForm.Float)]);

    /// <summary>The same, but that units are not in integers whose tensors are not known.</summary>
    public RegionMap Within(Func<string, bool> isKnown)
    {
        ArgumentNullException.ThrowIfNull(isKnown);
        return this with { Units = [.. Units.Select(u => u.CanBeInteger && u.Inputs.All(i => isKnown(i.Tensor)) && (u.GivesReals || isKnown(u.Output)) ? u : u with { CanBeInteger = false })] };
    }
}
