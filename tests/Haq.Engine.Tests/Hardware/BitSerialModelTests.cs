using System.Globalization;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Hardware;

public sealed class BitSerialModelTests
{
    private static readonly CostTable s_cloudV2 = Networks.Price("bismo-cloud", Networks.MobileNetV2());

    [Fact]
    public void Every_entry_of_HAQs_published_table_is_met()
    {
        var rows = CsvFile.Read(Shared.File("oracles/haq_lut_mobilenetv2_cloud_batch16.csv"));
        Assert.Equal(53 * 64, rows.Count);
        Assert.All(rows, row =>
        {
            var bits = new LayerBits(Number(row, "wbits"), Number(row, "abits"));
            Assert.Equal(long.Parse(row["lut_cycles"], CultureInfo.InvariantCulture), s_cloudV2[Number(row, "layer_idx"), bits].Cycles);
        });
    }

    [Fact]
    public void HAQs_released_policy_costs_what_its_table_says()
    {
        var rows = CsvFile.Read(Shared.File("oracles/haq_released_policy.csv"));
        var policy = new Policy([.. rows.Select(r => new LayerBits(Number(r, "weight_bits"), Number(r, "activation_bits")))]);
        Assert.Equal(23_634_821, s_cloudV2.Price(policy).Cycles);
    }

    [Fact]
    public void Uniform_latencies_are_those_of_HAQs_Table_3()
    {
        Assert.All(CsvFile.Golden("haq_table3_uniform_latency.csv"), row =>
        {
            var layers = row["network"] == "mobilenet_v1" ? Networks.MobileNetV1() : Networks.MobileNetV2();
            var bits = Number(row, "bits");
            double ms = Networks.Price(row["hardware"], layers).Price(Policy.Uniform(layers.Length, new LayerBits(bits, bits))).InnerLatencySeconds * 1e3;
            double published = double.Parse(row["latency_ms"], CultureInfo.InvariantCulture);
            // The table prints two decimals; the edge configuration is fitted, not published.
            double tolerance = row["hardware"] == "bismo-cloud" ? 0.01 : 0.035 * published;
            Assert.InRange(ms, published - tolerance, published + tolerance);
        });
    }

    [Fact]
    public void The_largest_term_ranks_random_policies_as_the_cycles_do()
    {
        var random = new Engine.Numerics.SeededRandom(1);
        var cycles = new List<double>();
        var roof = new List<double>();
        for (int i = 0; i < 2000; i++)
        {
            long exact = 0, largest = 0;
            for (int layer = 0; layer < 53; layer++)
            {
                var cost = s_cloudV2[layer, new LayerBits(1 + random.Next(8), 1 + random.Next(8))];
                exact += cost.Cycles;
                largest += Math.Max(cost.Terms.Compute, Math.Max(cost.Terms.WeightFetch, cost.Terms.ActivationFetch));
            }
            cycles.Add(exact);
            roof.Add(largest);
        }
        // Spearman .9998 was measured for the roofline; plain bit operations reach .452.
        Assert.True(Statistics.Spearman(cycles, roof) > 0.9997, $"Spearman {Statistics.Spearman(cycles, roof)}");
    }

    private static int Number(Dictionary<string, string> row, string column) => int.Parse(row[column], CultureInfo.InvariantCulture);
}
