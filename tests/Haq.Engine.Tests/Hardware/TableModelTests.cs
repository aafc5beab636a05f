using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Hardware.Measured;
using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Hardware;

public sealed class TableModelTests : IDisposable
{
    private static readonly QuantizableLayer[] s_layers =
    [
        new(0, "conv", LayerShape.Conv2D(3, 8, 3, 1, 8, 8), 0),
        new(1, "fc, last", LayerShape.Dense(8, 10), 1),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Figures_are_found_by_name_or_shape()
    {
        var table = Build("layer,weight_bits,activation_bits,latency_ns,energy_nj\n# remark\nconv,8,8,1500,20\nGemm 8->10 1,8,8,500.5,3\n");
        var cost = table.Price(Policy.Uniform(2, new LayerBits(8, 8)));
        Assert.Equal(2000.5e-9, cost.LatencySeconds, 1e-18);
        Assert.Equal(23e-9, cost.EnergyJoules!.Value, 1e-18);
        Assert.Equal(0, cost.Cycles);
        Assert.Equal(Bound.Unknown, table[0, new LayerBits(8, 8)].Bound);
    }

    [Fact]
    public void Unmeasured_narrow_widths_run_as_the_next_measured_pair()
    {
        var table = Build("layer,weight_bits,activation_bits,latency_ns\nconv,8,8,1500\nconv,4,8,900\n\"fc, last\",8,8,500\n\"fc, last\",4,8,400\n");
        Assert.Equal(900e-9, table[0, new LayerBits(3, 8)].Seconds, 1e-18);
        Assert.Null(table[0, new LayerBits(3, 8)].Energy);
        Assert.False(table.Holds(new LayerBits(8, 16)));
    }

    [Fact]
    public void Missing_entries_are_listed()
    {
        string message = Error("layer,weight_bits,activation_bits,latency_ns\nconv,8,8,1500\nconv,4,8,900\n\"fc, last\",8,8,500\n");
        Assert.Contains("board.csv: error HAQ0208: 1 entry is missing: fc, last w4a8.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Neighbours_that_share_a_width_come_before_others()
    {
        const string csv = "layer,weight_bits,activation_bits,latency_ns\nconv,2,4,100\nconv,8,4,700\nconv,4,2,50\nconv,4,8,650\nconv,2,2,1\nconv,8,8,9000\n"
            + "\"fc, last\",2,8,100\n\"fc, last\",8,8,400\n\"fc, last\",2,2,7\n\"fc, last\",8,2,9\n\"fc, last\",2,4,10\n\"fc, last\",8,4,70\n\"fc, last\",4,4,30\n\"fc, last\",4,2,8\n";
        var table = Build(csv, "missing: interpolate");
        // Along weights 100 + 600 (4 - 2) / (8 - 2) = 300, along activations 50 + 600 (4 - 2) / (8 - 2) = 250.
        Assert.Equal(275e-9, table[0, new LayerBits(4, 4)].Seconds, 1e-18);
        // Nothing of 4-bit weights is wider than 4 bit: along weights alone, 100 + 300 / 3.
        Assert.Equal(200e-9, table[1, new LayerBits(4, 8)].Seconds, 1e-18);
    }

    [Fact]
    public void Or_lie_between_measured_ones_where_the_file_says_so()
    {
        const string csv = "layer,weight_bits,activation_bits,latency_ns\nconv,2,8,100\nconv,4,8,200\nconv,8,8,300\n\"fc, last\",2,8,100\n\"fc, last\",8,8,400\n";
        var table = Build(csv, "missing: interpolate");
        // 4 lies a third of the way from 2 to 8.
        Assert.Equal(200e-9, table[1, new LayerBits(4, 8)].Seconds, 1e-18);
        Assert.Contains("8: 1 entry is missing: fc, last w2a8",
            Error(csv.Replace("\"fc, last\",2,8,100\n", "", StringComparison.Ordinal).Replace("\"fc, last\",8", "\"fc, last\",4,8,9\n\"fc, last\",8",
            StringComparison.Ordinal), "missing: interpolate"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("layer,bits\n", "board.csv(1,1)")]
    [InlineData("layer,weight_bits,activation_bits,latency_ns\nconv,8,8\n", "board.csv(2,1)")]
    [InlineData("layer,weight_bits,activation_bits,latency_ns\nconv,8,8,0\n", "board.csv(2,10)")]
    [InlineData("layer,weight_bits,activation_bits,latency_ns\nconv,8,8,-3\n", "board.csv(2,10)")]
    [InlineData("layer,weight_bits,activation_bits,latency_ns\nconv,8,8,fast\n", "board.csv(2,10)")]
    [InlineData("layer,weight_bits,activation_bits,latency_ns\nconv,99,8,5\n", "board.csv(2,6)")]
    [InlineData("layer,weight_bits,activation_bits,latency_ns\nconv,8,8,5\nconv,8,8,6\n", "board.csv(3,1)")]
    [InlineData("layer,weight_bits,activation_bits,latency_ns\n\"conv,8,8,5\n", "board.csv(2,1)")]
    [InlineData("layer,weight_bits,activation_bits,latency_ns\n", "board.csv(")]
    [InlineData("", "board.csv(1,1)")]
    public void Wrong_lines_are_refused_where_they_stand(string csv, string place)
    {
        string message = Error(csv);
        Assert.Contains(place, message, StringComparison.Ordinal);
        Assert.Contains("HAQ0202", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_batch_than_the_measured_one_is_refused()
    {
        var target = Load("layer,weight_bits,activation_bits,latency_ns\nconv,8,8,1500\n\"fc, last\",8,8,500\n", "");
        Assert.Contains("HAQ0207", Assert.Throws<HaqException>(() => CostTable.Build(target, s_layers, 0, batch: 4)).Diagnostic.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_is_read()
    {
        MeasuredEntry[] entries = [new("a, \"b\"", new LayerBits(8, 8), 1.5e-6, null), new("#c", new LayerBits(32, 32), 2e-3, null)];
        Assert.Equal(entries.Select(e => (e.Layer, e.Bits)), MeasuredCsv.Parse("t.csv", MeasuredCsv.Write(entries, ["one", "two"])).Select(e => (e.Layer, e.Bits)));
    }

    private CostTable Build(string csv, string more = "") => CostTable.Build(Load(csv, more), s_layers, 0);

    private string Error(string csv, string more = "") => Assert.Throws<HaqException>(() => Build(csv, more)).Diagnostic.ToString();

    private HardwareTarget Load(string csv, string more)
    {
        File.WriteAllText(Path.Combine(_folder, "board.csv"), csv);
        File.WriteAllText(Path.Combine(_folder, "board.yaml"), $"kind: table\nfile: board.csv\ndevice: a board\nmeasured: 2026-01-02\nprovenance: test\n{more}\n");
        return HardwareCatalog.Load("board.yaml", _folder);
    }
}
