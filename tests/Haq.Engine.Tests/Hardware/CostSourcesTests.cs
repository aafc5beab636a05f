using System.Collections.Immutable;
using Haq.Benchmarks.Costs;
using Haq.Engine.Hardware.Fitted;
using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Hardware;

/// <summary>The figures that costs are held against can be read, and what reproduces them exactly does.</summary>
public sealed class CostSourcesTests
{
    [Fact]
    public void Without_the_shared_tables_the_rest_is_compared_and_they_are_named()
    {
        var files = new FigureFiles(null);
        Comparison[] all = [.. CostComparison.All(files)];
        Assert.Equal(
            ["haq_lut_mobilenetv2_cloud_batch16.csv", "bitfusion_published_rows_with_shapes.csv", "bitfusion_sim_16x32.csv", "haq_paper_other_tables.csv", "scalesim_v2_calc.csv",
                "hawq_t4_resnet18_batch8.csv"],
            files.Missing);
        Assert.Contains(all, c => c.What.Contains("52 kernels", StringComparison.Ordinal) && c.Errors.Count == 52);
        Assert.Contains(all, c => c.What.Contains("23 int8 networks", StringComparison.Ordinal) && c.Errors.Count == 23);
        Assert.All(all, c => Assert.All(c.Actual, a => Assert.True(a > 0)));
        Assert.Empty(CostDocument.Unexplained(all).Select(c => c.What));
        Assert.All(all.Where(c => c.IsExact), c => Assert.Equal(0, c.Errors.Largest));
        string document = CostDocument.Replaced($"before\n{CostDocument.Start}\nold\n{CostDocument.End}\nafter\n", CostDocument.Tables(all, files.Missing));
        Assert.StartsWith("before\n", document, StringComparison.Ordinal);
        Assert.EndsWith($"{CostDocument.End}\nafter\n", document, StringComparison.Ordinal);
        Assert.DoesNotContain("\nold\n", document, StringComparison.Ordinal);
        Assert.Contains("Left out: scalesim_v2_calc.csv", document, StringComparison.Ordinal);
    }

    [Fact]
    public void What_reproduces_published_figures_does_so_exactly()
    {
        string table = Shared.File("oracles/haq_lut_mobilenetv2_cloud_batch16.csv");
        var files = new FigureFiles(Path.GetDirectoryName(Path.GetDirectoryName(table)));
        // What follows BitFusion's four exact ones searches schedules for long.
        Comparison[] exact = [.. BitSerialCosts.All(files).Concat(FusedSystolicCosts.All(files).Take(4)).Concat(SystolicCosts.All(files)).Where(c => c.IsExact)];
        Assert.Equal([3392, 305, 305, 448, 448, 64, 4], exact.Select(c => c.Errors.Count));
        // Energies were printed with five digits.
        Assert.All(exact, c => Assert.InRange(c.Errors.Largest, 0, c.What.Contains("energy", StringComparison.Ordinal) ? 1e-4 : 0));
        Assert.Empty(files.Missing);
    }

    [Fact]
    public void The_T4_log_has_25_kernels_in_4_bits_and_27_in_8()
    {
        var rows = FigureFiles.Own("hawq_t4_resnet50_batch8.csv");
        Assert.Equal((25, 27), (rows.Count(r => r["weight_bits"] == "4"), rows.Count(r => r["weight_bits"] == "8")));
    }

    // Multiply-accumulates by the papers (569 M, 300 M) and by torchvision's count (1.81 G, 0.35 G).
    [Theory]
    [InlineData("mobilenet_v1", 569e6)]
    [InlineData("mobilenet_v2", 300e6)]
    [InlineData("squeezenet_v1.1", 349e6)]
    [InlineData("resnet18", 1.814e9)]
    public void Networks_have_as_much_to_compute_as_published(string name, double expected)
    {
        var layers = name == "resnet18" ? PublishedNetworks.ResNet18() : PublishedNetworks.Of(name, 1, 224, 1000);
        Assert.InRange(layers.Sum(l => l.Macs), expected * 0.99, expected * 1.01);
    }

    [Fact]
    public void Networks_that_follow_the_equations_are_predicted_without_having_been_seen()
    {
        MeasuredNetwork[] networks = [.. new[] { 0.25, 0.5, 0.75, 1, 1.25, 1.5 }.SelectMany(w => new[] { 96, 128, 224 }.Select(r => Made(PublishedNetworks.Of("mobilenet_v1", w, r, 100))))];
        Assert.All(NetworkFit.LeaveOut(networks, (a, b) => a == b), p => Assert.Equal(p.Actual, p.Predicted, 1e-6 * p.Actual));

        static MeasuredNetwork Made(ImmutableArray<LayerShape> layers) => new("made", layers, layers.Sum(l =>
        {
            var work = LayerWork.Of(l, new LayerBits(8, 8), 1, 8, 16);
            return 2e-5 + 2e-9 * work.WeightBytes + 3e-10 * work.ActivationBytes + 9e-12 * work.Dense + 2e-11 * work.Depthwise;
        }));
    }
}
