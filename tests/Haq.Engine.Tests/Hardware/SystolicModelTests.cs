using System.Globalization;
using Haq.Engine.Hardware;
using Haq.Engine.Hardware.Systolic;
using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Hardware;

public sealed class SystolicModelTests
{
    [Fact]
    public void Folds_take_as_long_as_SCALE_Sim_says()
    {
        var rows = CsvFile.Read(Shared.File("oracles/scalesim_v2_calc.csv"));
        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            var dataflow = row["dataflow"] == "os" ? Dataflow.OutputStationary : Dataflow.WeightStationary;
            var folds = Folds.Of(dataflow, Int(row, "ofmap_px"), Int(row, "num_filters"), Int(row, "K"), Int(row, "rows"), Int(row, "cols"), macs: 1);
            Assert.Equal(long.Parse(row["total_cycles"], CultureInfo.InvariantCulture), folds.SerialCycles);
        });
    }

    // Computed by hand from the formula: ceil(K/R) ceil(px/C) (F + 2R + C - 2) - 1.
    [Theory]
    [InlineData(12544, 32, 27, 32, 32, 1 * 392 * (32 + 94) - 1)]
    [InlineData(49, 512, 4608, 32, 32, 144 * 2 * (512 + 94) - 1)]
    [InlineData(196, 256, 2304, 8, 16, 288 * 13 * (256 + 30) - 1)]
    public void Inputs_in_place(long pixels, long filters, long window, long rows, long cols, long expected) =>
        Assert.Equal(expected, Folds.Of(Dataflow.InputStationary, pixels, filters, window, rows, cols, macs: 1).SerialCycles);

    // 8x8 array, buffers of 64 B (256 bits to a half), 8 bits a cycle; a dense layer of 16 -> 16 at batch 4.
    // Weights 2048 bits in 8 tiles, input 512 bits in 2, output 512 bits. Weights outer: 2048 + 8*512; inputs outer: 2*2048 + 512; the window outer moves
    // 2 * 7 * 2048 bits of partial sums more. Best: 4096 + 512 + 512 = 5120 bits, 640 cycles; first load 512 bits, last store 256: 64 + 32 cycles.
    [Fact]
    public void Memory_works_beside_the_array()
    {
        var shape = LayerShape.Dense(16, 16);
        var cost = Model("ws", "double").Price(Work(shape, batch: 4));
        Assert.Equal(new DramBits(4096, 512, 512), cost.Dram);
        long compute = 2 * 2 * (4 + 2 * 8 + 8 - 2) - 1;
        Assert.Equal(compute, cost.Terms.Compute);
        Assert.Equal(Math.Max(compute, 640) + 64 + 32, cost.Cycles);
        Assert.Equal(Bound.WeightFetch, cost.Bound);
    }

    // As above, but the array waits for the 64 weights of its first fold alone and stores its 64 last results: 512 bits each.
    [Fact]
    public void An_array_may_start_with_its_first_fold()
    {
        var cost = Model("ws", "double", "fold").Price(Work(LayerShape.Dense(16, 16), batch: 4));
        Assert.Equal(new DramBits(4096, 512, 512), cost.Dram);
        Assert.Equal(640 + 64 + 64, cost.Cycles);
        // With outputs in place, what comes in at the edges: 8 inputs and 8 weights.
        Assert.Equal(640 + 16 + 64, Model("os", "double", "fold").Price(Work(LayerShape.Dense(16, 16), batch: 4)).Cycles);
    }

    [Fact]
    public void A_single_buffer_makes_the_array_wait()
    {
        var shape = LayerShape.Dense(8, 8);
        var cost = Model("os", "single").Price(Work(shape, batch: 1));
        Assert.Equal(8 * 8 * 8 + 64 + 64, cost.Dram.Total);
        Assert.Equal(8 + 8 + 8 - 2 - 1 + 640 / 8, cost.Cycles);
    }

    [Fact]
    public void An_output_is_written_in_its_readers_width()
    {
        QuantizableLayer[] layers =
        [
            new(0, "a", LayerShape.Conv2D(8, 64, 3, 1, 32, 32), 0) { Consumers = [1] },
            new(1, "b", LayerShape.Conv2D(64, 8, 1, 1, 32, 32), 1),
        ];
        var table = Networks.Price("tpu-like", layers);
        var policy = new Policy([new(8, 8), new(8, 4)]);
        Assert.Equal(64L * 32 * 32 * 8, table[0, policy[0]].Dram.Output);
        Assert.Equal(64L * 32 * 32 * 4, table.LayerCosts(policy)[0].Dram.Output);
        Assert.True(table.PriceWhole(policy).LatencySeconds < table.Price(policy).LatencySeconds);
    }

    [Fact]
    public void A_sum_over_layers_counts_outputs_in_the_width_that_is_read()
    {
        var layers = Enumerable.Range(0, 4).Select(i => new QuantizableLayer(i, $"l{i}", LayerShape.Conv2D(16, 16, 1, 1, 32, 32), i) { Consumers = i < 3 ? [i + 1] : [] }).ToArray();
        const string Npu = """
            kind: systolic
            clock_mhz: 1000
            dataflow: os
            rows: 32
            cols: 32
            bits: {weights: [4, 8], activations: [4, 8, 16]}
            sram: {weights: 4096, inputs: 4096, outputs: 4096}
            dram_bits_per_cycle: 16
            energy: {mac_pj: 0.3, sram_pj_per_bit: 1, dram_pj_per_bit: 20, leakage_mw: 0, source: test}
            provenance: test
            """;
        var table = CostTable.Build(HardwareReader.Read("npu.yaml", Npu, null), layers, fixedBits: 0);
        // The first layer's output is read in two widths, where their sum is an upper bound.
        QuantizableLayer[] fork = [layers[0] with { Consumers = [1, 3] }, .. layers[1..]];
        var forked = CostTable.Build(HardwareReader.Read("npu.yaml", Npu, null), fork, fixedBits: 0);
        LayerBits[] choices = [new(8, 8), new(8, 16), new(4, 16), new(4, 4), LayerBits.Float];
        for (int code = 0; code < 625; code++)
        {
            var policy = new Policy([choices[code % 5], choices[code / 5 % 5], choices[code / 25 % 5], choices[code / 125]]);
            foreach (var costs in (CostTable[])[table, forked])
            {
                NetworkCost sum = costs.Price(policy), whole = costs.PriceWhole(policy);
                Assert.True(whole.LatencySeconds <= sum.LatencySeconds * (1 + 1e-12), $"{policy}: {whole.LatencySeconds} s, {sum.LatencySeconds} s");
                Assert.True(whole.EnergyJoules <= sum.EnergyJoules * (1 + 1e-12), $"{policy}: {whole.EnergyJoules} J, {sum.EnergyJoules} J");
                Assert.Equal(costs.LayerCosts(policy).Sum(l => l.Seconds), whole.LatencySeconds, 1e-12);
            }
            // Eight bits and sixteen are told apart on the edges; what is read in four is counted as eight, and floating point is bounded from above.
            var chain = (Sum: table.Price(policy).EnergyJoules!.Value, Whole: table.PriceWhole(policy).EnergyJoules!.Value);
            if (Enumerable.Range(0, 4).All(i => policy[i].Activations is { Bits: 8 or 16 })) Assert.Equal(chain.Whole, chain.Sum, 1e-9 * chain.Whole);
        }
        Assert.True(table.PriceWhole(Uniform(8, 16)).LatencySeconds > table.PriceWhole(Uniform(8, 8)).LatencySeconds);

        Policy Uniform(int weights, int activations) => Policy.Uniform(4, new LayerBits(weights, activations));
    }

    [Fact]
    public void Only_legal_pairs_are_computed_with()
    {
        var target = HardwareCatalog.Load("npu-like", ".");
        Assert.Equal(new LayerBits(4, 8), target.Bits.RoundUp(new LayerBits(3, 5)));
        Assert.Equal(new LayerBits(4, 16), target.Bits.RoundUp(new LayerBits(4, 9)));
        Assert.Equal(new LayerBits(8, 8), target.Bits.RoundUp(new LayerBits(5, 2)));
        Assert.Null(target.Bits.RoundUp(new LayerBits(8, 16)));
        var table = CostTable.Build(target, Networks.Of([LayerShape.Dense(4096, 4096, 512)]), 0);
        Assert.True(table.Holds(new LayerBits(4, 16)));
        Assert.False(table.Holds(new LayerBits(8, 16)));
        Assert.True(table.Prices(Policy.Uniform(1, new LayerBits(4, 16))));
        Assert.False(table.Prices(Policy.Uniform(1, new LayerBits(8, 16))));
        Assert.True(table[0, new LayerBits(4, 8)].Cycles < 0.6 * table[0, new LayerBits(8, 8)].Cycles);
    }

    private static ICostModel Model(string dataflow, string buffering, string start = "buffers") => HardwareReader.Read(
        "small.yaml",
        $"{{kind: systolic, clock_mhz: 1, dataflow: {dataflow}, rows: 8, cols: 8, sram: {{weights: 64, inputs: 64, outputs: 64}}, dram_bits_per_cycle: 8, buffering: {buffering}, start: {start}, provenance: test}}",
        null).Model;

    private static Workload Work(LayerShape shape, int batch) =>
        new(new QuantizableLayer(0, "layer", shape, 0), new LayerBits(8, 8), new LayerBits(8, 8), batch, IsFirst: true, Bitwidth.Eight);

    private static int Int(Dictionary<string, string> row, string column) => int.Parse(row[column], CultureInfo.InvariantCulture);
}
