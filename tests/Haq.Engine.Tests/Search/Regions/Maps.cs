using System.Collections.Immutable;
using Haq.Engine.Numerics;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;
using Haq.Engine.Search.Regions;

namespace Haq.Engine.Tests.Search.Regions;

/// <summary>Networks without numbers, for searches over plans.</summary>
internal static class Maps
{
    /// <summary>Units in a row, each of which reads what the one before makes.</summary>
    public static RegionMap Chain(int units) => Of(units, u => u == 0 ? [] : [u - 1]);

    /// <summary>Units that read one or two of those before them.</summary>
    public static RegionMap Random(SeededRandom random, int units) => Of(units, u => u == 0 ? [] : random.Next(3) == 0 ? [random.Next(u), u - 1] : [random.Next(u)]);

    public static RegionCosts Costs(SeededRandom random, RegionMap map)
    {
        double Some(int scale) => random.Next(scale) * 1e-6;
        double[] Many(int count, int scale) => [.. Enumerable.Range(0, count).Select(_ => Some(scale))];
        return Costs(Many(map.Units.Length, 100), Many(map.Units.Length, 100), Many(map.Tensors.Length, 40), Many(map.Tensors.Length, 40), 10e-6);
    }

    /// <summary>Costs of floating point and integers alone.</summary>
    public static RegionCosts Costs(double[] real, double[] integer, double[] quantize, double[] dequantize, double rest)
    {
        double[][] units = RegionCosts.Table(real.Length, double.PositiveInfinity);
        (units[(int)UnitForm.Float], units[(int)UnitForm.Integers]) = (real, integer);
        return new RegionCosts(units, quantize, dequantize, new double[quantize.Length], rest);
    }

    /// <summary>The same network whose units are all products, with costs of their forms and of steps of every run.</summary>
    public static (RegionMap Map, RegionCosts Costs) WithProducts(SeededRandom random, RegionMap map, bool shares)
    {
        var costs = Costs(random, map);
        foreach (var form in new[] { UnitForm.Dynamic, UnitForm.Blocks8, UnitForm.Blocks4 })
            costs.Units[(int)form] = [.. map.Units.Select(_ => random.Next(4) == 0 ? double.PositiveInfinity : random.Next(100) * 1e-6)];
        return (map with { Units = [.. map.Units.Select(u => u with { CanBeDynamic = true, Block = 32 })] },
            costs with { Dynamic = [.. map.Tensors.Select(_ => shares ? random.Next(40) * 1e-6 : 0)] });
    }

    private static RegionMap Of(int units, Func<int, int[]> sources)
    {
        int[][] reads = [.. Enumerable.Range(0, units).Select(u => sources(u).Distinct().ToArray())];
        var list = Enumerable.Range(0, units).Select(u => new RegionUnit(
            $"u{u}", null, [$"u{u}"], [.. reads[u].Length == 0 ? [new RegionInput("x", $"u{u}", 0)] : reads[u].Select((s, i) => new RegionInput($"t{s}", $"u{u}", i))], $"t{u}"));
        ImmutableArray<int> ReadersOf(int unit) => [.. Enumerable.Range(0, units).Where(c => reads[c].Contains(unit))];
        var tensors = Enumerable.Range(0, units).Select(u => new RegionTensor($"t{u}", 1000, u, ReadersOf(u), ReadersOf(u).IsEmpty ? [("end", u)] : []));
        return new RegionMap([.. list], [new RegionTensor("x", 1000, -1, [.. Enumerable.Range(0, units).Where(c => reads[c].Length == 0)], []), .. tensors]);
    }
}
