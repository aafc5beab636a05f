using FsCheck;
using FsCheck.Fluent;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Hardware;

/// <summary>What holds for every layer on every computed target.</summary>
public sealed class CostProperties
{
    private static readonly HardwareTarget[] s_targets =
        [.. new[] { "bismo-edge", "bismo-cloud", "bitfusion", "bitfusion-compat", "tpu-like", "npu-like" }.Select(name => HardwareCatalog.Load(name, "."))];

    private static readonly Gen<LayerShape> s_shapes =
        from kind in Gen.Choose(0, 5)
        from inputs in Gen.Choose(1, 130)
        from outputs in Gen.Choose(1, 130)
        from groups in Gen.Choose(2, 5)
        from kernel in Gen.Choose(1, 5)
        from kernelWidth in Gen.Choose(1, 5)
        from size in Gen.Choose(1, 20)
        from width in Gen.Choose(1, 20)
        from stride in Gen.Choose(1, 2)
        select kind switch
        {
            0 => LayerShape.Dense(inputs * 9, outputs * 7),
            1 => LayerShape.Dense(inputs, outputs, size * width),
            2 => LayerShape.Conv2D(inputs, inputs * (1 + groups % 2), kernel, stride, size * stride, size, groups: inputs),
            3 => LayerShape.Conv2D(inputs * groups, outputs * groups, kernel, stride, size * stride, size, groups: groups),
            4 => new LayerShape(OpKind.ConvTranspose, inputs, outputs, 1, [kernel, kernelWidth], [stride, stride], [size, width], [size * stride, width * stride]),
            _ => new LayerShape(OpKind.Conv, inputs, outputs, 1, [kernel, kernelWidth], [stride, stride], [size * stride, width * stride], [size, width]),
        };

    [Fact]
    public void Fewer_bits_never_take_longer() => ForEveryLayer((target, _, table) =>
    {
        if (!target.Model.RunsNarrowAsWide) return true;
        foreach (var (bits, wider) in Steps(table))
            if (table[0, bits].Seconds > table[0, wider].Seconds) return false;
        return true;
    });

    [Fact]
    public void Bounds_are_the_largest_term_and_terms_and_rates_stay_below_what_is_possible() => ForEveryLayer((target, _, table) =>
    {
        foreach (var bits in target.Bits.Pairs)
        {
            var cost = table[0, bits];
            var t = cost.Terms;
            long[] terms = [t.Compute, t.WeightFetch, t.ActivationFetch, t.OutputWrite];
            if (cost.Bound != (Bound)Array.IndexOf(terms, terms.Max())) return false;
            if (cost.Utilization is <= 0 or > 1.0001 || t.Compute > cost.Cycles) return false;
        }
        return true;
    });

    [Fact]
    public void Energy_parts_are_not_negative_and_add_up() => ForEveryLayer((target, _, table) =>
    {
        foreach (var bits in target.Bits.Pairs)
        {
            if (table[0, bits].Energy is not { } e) return !target.Model.HasEnergy;
            if (e.Mac < 0 || e.Sram < 0 || e.Dram < 0 || e.Leakage < 0 || e.Total <= 0) return false;
            if (Math.Abs(e.Mac + e.Sram + e.Dram + e.Leakage - e.Total) > 1e-9 * e.Total) return false;
        }
        return true;
    });

    [Fact]
    public void The_roofline_is_above_what_is_achieved() => ForEveryLayer((target, shape, table) =>
    {
        foreach (var bits in target.Bits.Pairs)
        {
            var cost = table[0, bits];
            var roof = target.RooflineOf(cost, shape, table.Batch, bits)!.Value;
            if (roof.AchievedMacsPerSecond > roof.AttainableMacsPerSecond * 1.0001 || roof.AttainableMacsPerSecond > roof.PeakMacsPerSecond) return false;
        }
        return true;
    });

    private static void ForEveryLayer(Func<HardwareTarget, LayerShape, CostTable, bool> holds) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(60),
        Prop.ForAll(s_shapes.ToArbitrary(), shape => s_targets.All(target => holds(target, shape, CostTable.Build(target, [new QuantizableLayer(1, "layer", shape, 0)], 0)))));

    private static IEnumerable<(LayerBits Bits, LayerBits Wider)> Steps(CostTable table)
    {
        var (weights, activations) = (table.WeightWidths, table.ActivationWidths);
        for (int w = 0; w < weights.Length; w++)
        {
            for (int a = 0; a < activations.Length; a++)
            {
                var bits = new LayerBits(weights[w], activations[a]);
                if (!table.Holds(bits)) continue;
                if (w + 1 < weights.Length && table.Holds(bits with { Weights = weights[w + 1] })) yield return (bits, bits with { Weights = weights[w + 1] });
                if (a + 1 < activations.Length && table.Holds(bits with { Activations = activations[a + 1] })) yield return (bits, bits with { Activations = activations[a + 1] });
            }
        }
    }
}
