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

    /// <summary>By unit, the number of the region of integers that it is in under a plan, from 1 in execution order; 0 for units that are in none.</summary>
    public ImmutableArray<int> RegionsOf(RegionPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        int[] root = [.. Enumerable.Range(0, Units.Length)];
        foreach (var tensor in Tensors.Where(t => t.Producer >= 0 && plan.IsInteger(t.Producer)))
            foreach (int consumer in tensor.Consumers.Where(plan.IsInteger)) Join(RootOf(tensor.Producer), RootOf(consumer));
        var numbers = new Dictionary<int, int>();
        return [.. Enumerable.Range(0, Units.Length).Select(u => plan.IsInteger(u) ? NumberOf(RootOf(u)) : 0)];

        int RootOf(int unit)
        {
            while (root[unit] != unit) unit = root[unit] = root[root[unit]];
            return unit;
        }

        void Join(int one, int other) => root[Math.Max(one, other)] = Math.Min(one, other);

        int NumberOf(int at)
        {
            if (!numbers.TryGetValue(at, out int number)) numbers[at] = number = numbers.Count + 1;
            return number;
        }
    }

    /// <summary>The same, but that units are not in integers whose tensors are not known.</summary>
    public RegionMap Within(Func<string, bool> isKnown)
    {
        ArgumentNullException.ThrowIfNull(isKnown);
        return this with { Units = [.. Units.Select(u => u.CanBeInteger && u.Inputs.All(i => isKnown(i.Tensor)) && (u.GivesReals || isKnown(u.Output)) ? u : u with { CanBeInteger = false })] };
    }
}
