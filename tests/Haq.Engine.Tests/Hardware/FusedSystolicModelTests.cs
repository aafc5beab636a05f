using System.Globalization;
using Haq.Engine.Hardware;
using Haq.Engine.Hardware.FusedSystolic;
using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Hardware;

public sealed class FusedSystolicModelTests
{
    [Fact]
    public void The_rows_that_its_authors_published_are_met()
    {
        var rows = CsvFile.Read(Shared.File("oracles/bitfusion_published_rows_with_shapes.csv"));
        Assert.Equal(305, rows.Count);
        Assert.All(rows, row =>
        {
            int cols = Int(row, "M");
            var parameters = Parameters(cols, Int(row, "bw"));
            var bits = new LayerBits(Int(row, "wbits"), Int(row, "abits"));
            bool isFirst = row["im2col"] == "1";
            var work = new Workload(new QuantizableLayer(0, "", Shape(row), 0), bits, Computed(bits), Int(row, "batch"), isFirst, Bitwidth.Eight);
            var found = ScheduleSearch.Best(parameters, LoopNest.Of(work, DepthwiseMapping.Separate), work.Stored, work.Computed);
            Assert.Equal(
                (Long(row, "ref_cycles"), Long(row, "ref_stall"), Long(row, "ref_dram_rd"), Long(row, "ref_dram_wr")),
                (found.Cycles, found.StallCycles, found.DramReadBits, found.DramWriteBits));
        });
    }

    [Fact]
    public void MobileNetV1_costs_what_the_public_simulator_says()
    {
        var rows = CsvFile.Read(Shared.File("oracles/bitfusion_sim_16x32.csv"));
        var model = HardwareCatalog.Load("bitfusion-compat", ".").Model;
        Assert.All(rows, row =>
        {
            var bits = new LayerBits(Int(row, "wbits"), Int(row, "abits"));
            var layer = new QuantizableLayer(Int(row, "idx"), row["name"], Shape(row), 0);
            var cost = model.Price(new Workload(layer, bits, Computed(bits), Int(row, "batch"), row["im2col"] == "True", Bitwidth.Eight));
            Assert.Equal(Long(row, "cycles"), cost.Cycles);
            Assert.Equal(Long(row, "compute_cycles"), cost.Terms.Compute);
            Assert.Equal(Long(row, "dram_rd_bits") + Long(row, "dram_wr_bits"), cost.Dram.Total);
            var energy = cost.Energy!.Value;
            Near(row, "e_core_nJ", energy.Mac);
            Near(row, "e_sram_nJ", energy.Sram);
            Near(row, "e_dram_nJ", energy.Dram);
            Near(row, "energy_nJ", energy.Total);
        });
    }

    // The dump prints energies to 0.1 pJ and its constants were printed with six digits.
    private static void Near(Dictionary<string, string> row, string column, double picojoules)
    {
        double expected = double.Parse(row[column], CultureInfo.InvariantCulture) * 1e3;
        Assert.InRange(picojoules, expected * 0.9999, expected * 1.0001);
    }

    private static LayerShape Shape(Dictionary<string, string> row)
    {
        string kind = row.TryGetValue("type", out string? type) ? type : row["kind"];
        int inputs = Int(row, "IC"), outputs = Int(row, "OC"), kernel = Int(row, "K"), stride = Int(row, "S"), size = Int(row, "O");
        if (kind == "fc") return LayerShape.Dense(inputs, outputs);
        return LayerShape.Conv2D(inputs, outputs, kernel, stride, size * stride, size, groups: kind == "dw" ? inputs : 1);
    }

    private static FusedSystolicParameters Parameters(int cols, int bandwidth) =>
        FusedSystolicParameters.Read(new HardwareDocument(
            Engine.Yaml.YamlReader.Parse("rows.yaml", $"{{clock_mhz: 500, rows: 16, cols: {cols}, weight_buffer: 65536, input_buffer: 32768, output_buffer: 16384, dram_bits_per_cycle: {bandwidth}}}"),
            null, FusedSystolicParameters.Keys));

    private static LayerBits Computed(LayerBits bits) => SupportedBits.Product([2, 4, 8], [2, 4, 8]).RoundUp(bits)!.Value;

    private static int Int(Dictionary<string, string> row, string column) => int.Parse(row[column], CultureInfo.InvariantCulture);

    private static long Long(Dictionary<string, string> row, string column) => long.Parse(row[column], CultureInfo.InvariantCulture);
}
