using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Hardware;

/// <summary>Rows of a measured table for changes of width.</summary>
public sealed class MeasuredConvertsTests : IDisposable
{
    private const string Layers = "layer,weight_bits,activation_bits,latency_ns\na,8,8,1000\na,32,32,5000\nb,8,8,2000\nb,32,32,9000\n";

    private static readonly LayerBits s_eight = LayerBits.Uniform(Bitwidth.Eight);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tensor_that_is_read_in_another_width_costs_its_change()
    {
        // Layer b reads 8x8x8 = 512 numbers.
        var costs = Build(Layers + "Convert 512,8,32,70\nConvert 512,32,8,30\n");
        Assert.Equal(3000e-9, Price(costs, s_eight, s_eight), 1e-15);
        Assert.Equal(14000e-9, Price(costs, LayerBits.Float, LayerBits.Float), 1e-15);
        Assert.Equal((1000 + 9000 + 70) * 1e-9, Price(costs, s_eight, LayerBits.Float), 1e-15);
        Assert.Equal((5000 + 2000 + 30) * 1e-9, Price(costs, LayerBits.Float, s_eight), 1e-15);
    }

    [Theory]
    [InlineData("Convert 256,8,32,40\nConvert 1024,8,32,100\n", 60)]
    [InlineData("Convert 128,8,32,40\n", 160)]
    [InlineData("Convert 1024,8,32,40\n", 40)]
    [InlineData("Convert 512,32,8,40\n", 0)]
    public void Sizes_between_are_in_proportion_and_larger_ones_too(string rows, double nanoseconds) =>
        Assert.Equal((1000 + 9000 + nanoseconds) * 1e-9, Price(Build(Layers + rows), s_eight, LayerBits.Float), 1e-15);

    [Fact]
    public void Without_such_rows_a_change_costs_nothing() => Assert.Equal(10000e-9, Price(Build(Layers), s_eight, LayerBits.Float), 1e-15);

    [Fact]
    public void A_table_of_nothing_else_is_none() =>
        Assert.Equal("HAQ0202", Assert.Throws<HaqException>(() => Build("layer,weight_bits,activation_bits,latency_ns\nConvert 5,8,32,70\n")).Diagnostic.Descriptor.Code);

    private static double Price(CostTable costs, LayerBits a, LayerBits b) => costs.Price(new Policy([a, b])).LatencySeconds;

    private CostTable Build(string csv)
    {
        File.WriteAllText(_folder["t.csv"], csv);
        var target = HardwareReader.Read("t.yaml", "kind: table\nfile: t.csv\ndevice: d\nmeasured: 2026-05-04\nprovenance: p\n", _folder.Path);
        QuantizableLayer[] layers =
        [
            new(0, "a", LayerShape.Conv2D(3, 8, 3, 1, 8, 8), 0) { Consumers = [1] },
            new(1, "b", LayerShape.Conv2D(8, 8, 3, 1, 8, 8), 1),
        ];
        return CostTable.Build(target, layers, 0);
    }
}
