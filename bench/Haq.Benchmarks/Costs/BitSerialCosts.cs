using Haq.Engine.Hardware;
using Haq.Engine.Hardware.Measured;
using Haq.Engine.Layers;
using Haq.Engine.Tests.Hardware;

namespace Haq.Benchmarks.Costs;

/// <summary>The bit-serial kind against what HAQ's authors released and printed.</summary>
internal static class BitSerialCosts
{
    private const string Released = "mit-han-lab/haq, lib/simulator/lookup_tables (MIT)", Paper = "HAQ (Wang et al., CVPR 2019; arXiv 1811.08886), table 3";

    public static IEnumerable<Comparison> All(FigureFiles files)
    {
        if (files.Shared("haq_lut_mobilenetv2_cloud_batch16.csv") is { } rows)
        {
            var costs = Networks.Price("bismo-cloud", Networks.MobileNetV2());
            (LayerCost Cost, double Cycles)[] cells = [.. rows.Select(r => (costs[r.Whole("layer_idx"), Bits(r)], r.Real("lut_cycles")))];
            yield return Comparison.Of("bit-serial, `bismo-cloud`", "MobileNetV2, 53 layers at 64 pairs of widths, cycles", Released, cells.Select(c => ((double)c.Cost.Cycles, c.Cycles))) with
            {
                IsExact = true,
                Why = "It is the same simulator, written anew: the figure says that its formula was understood, and nothing of a chip. HAQ's table has no chip's times either.",
            };
            yield return Comparison.Of("roofline", "the same table from the largest of compute, weight fetch and activation fetch, cycles", Released,
                cells.Select(c => ((double)Math.Max(c.Cost.Terms.Compute, Math.Max(c.Cost.Terms.WeightFetch, c.Cost.Terms.ActivationFetch)), c.Cycles))) with
            {
                Why = "A roofline takes the largest term of the whole layer; the table adds up the larger one tile by tile, and what the array waits for the first rows of each.",
            };
            yield return Between(rows);
        }
        var printed = CsvFile.Golden("haq_table3_uniform_latency.csv");
        foreach (string hardware in (string[])["bismo-cloud", "bismo-edge"])
        {
            yield return Comparison.Of($"bit-serial, `{hardware}`", "MobileNetV1 and V2 at uniform 4, 5, 6 and 8 bit, ms", Paper, printed.Where(r => r["hardware"] == hardware).Select(r =>
                (Latency(r), r.Real("latency_ms")))) with
            {
                Why = hardware == "bismo-edge" ? "The edge accelerator's parameters are printed nowhere: array and fetch width were fitted to these eight rows, which are simulated "
                    + "themselves." : "The paper prints two decimals.",
            };
        }
    }

    // The table kind with 'missing: interpolate': each pair of widths that lies between others is left out and read off its neighbours.
    private static Comparison Between(List<Dictionary<string, string>> rows)
    {
        var layers = Networks.MobileNetV2();
        var entries = rows.Select(r => new MeasuredEntry(layers[r.Whole("layer_idx")].Name, Bits(r), r.Real("lut_cycles"), null)).GroupBy(e => e.Layer).ToDictionary(g => g.Key, g => g.ToArray());
        var pairs = from layer in layers
                    from entry in entries[layer.Name]
                    let table = new MeasuredTable(entries[layer.Name].Where(e => e.Bits != entry.Bits))
                    let found = table.Between(layer, entry.Bits)
                    where found is not null
                    select (found.Value.Seconds, entry.Seconds);
        return Comparison.Of("table, `missing: interpolate`", "the same table, each pair of widths left out and interpolated from the others, cycles", Released, pairs) with
        {
            Why = "Between figures that share a width, times are taken to be straight lines. The corners w1a8 and w8a1 have none on both sides, fall back to the product of the widths, and are off "
                + "by up to four "
                + "times; all others by 22 % at most.",
        };
    }

    private static double Latency(Dictionary<string, string> row)
    {
        var layers = row["network"] == "mobilenet_v1" ? Networks.MobileNetV1() : Networks.MobileNetV2();
        int bits = row.Whole("bits");
        return Networks.Price(row["hardware"], layers).Price(Policy.Uniform(layers.Length, new LayerBits(bits, bits))).InnerLatencySeconds * 1e3;
    }

    private static LayerBits Bits(Dictionary<string, string> row) => new(row.Whole("wbits"), row.Whole("abits"));
}
