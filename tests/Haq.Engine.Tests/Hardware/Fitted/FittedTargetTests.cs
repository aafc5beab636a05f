using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Hardware.Fitted;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Tests.Hardware.Probes;

namespace Haq.Engine.Tests.Hardware.Fitted;

/// <summary>A device with known parameters is found again from its times; one that follows no model is refused.</summary>
public sealed class FittedTargetTests
{
    private const double Overhead = 4e-6, PerDense8 = 1e-11, PerDense32 = 4e-11, PerDepthwise8 = 2e-10, PerDepthwise32 = 3e-10, PerByte = 2e-10, PerWeightByte = 7e-10;
    private const int Rows = 8, Cols = 16;

    private static readonly LayerBits s_eight = new(8, 8), s_real = new(32, 32);

    // MobileNetV1 in small, with odd channels: 27 layers.
    private static readonly LayerShape[] s_shapes =
    [
        LayerShape.Conv2D(3, 9, 3, 2, 64, 32),
        .. Enumerable.Range(0, 12).Select(i => LayerShape.Conv2D(9 + 5 * i, 9 + 5 * i, 3, 1, 32 - 2 * i, 32 - 2 * i, 9 + 5 * i)),
        .. Enumerable.Range(0, 12).Select(i => LayerShape.Conv2D(9 + 5 * i, 14 + 5 * i, 1, 1, 32 - 2 * i, 32 - 2 * i)),
        LayerShape.Dense(300, 77), LayerShape.Dense(41, 1000),
    ];

    [Fact]
    public void A_device_with_such_parameters_is_found_again()
    {
        var fit = Fit(Times(_ => 1));
        var p = fit.Parameters;
        Assert.Equal((Rows, Cols), (p.Rows, p.Cols));
        Assert.All(p.Overheads.Values, o => Assert.Equal(Overhead, o, 1e-12));
        Assert.All(p.ByteRates.Values, r => Assert.Equal(1, r, 1e-6));
        Assert.Equal(1 / PerByte, p.BytesPerSecond!.Value, 1);
        Assert.Equal(1 / PerWeightByte, p.WeightBytesPerSecond!.Value, 1);
        Assert.Equal(1 / (PerDense8 * Rows * Cols), p.ClockHertz, 1);
        Assert.Equal((1.0, 0.25, 0.05), (Math.Round(p.Rates["w8a8"], 9), Math.Round(p.Rates["w32a32"], 9), Math.Round(p.DepthwiseRates["w8a8"], 9)));
        Assert.Equal((54, 27), (fit.Rows, fit.Shapes));
        Assert.InRange(fit.MedianError, 0, 1e-9);
        Assert.Equal(1, fit.RankCorrelation, 1e-12);
        Assert.True(fit.ConstantError > 0.3);
    }

    // The equation once more, for six pairs: computing in proportion to the product of both widths.
    [Fact]
    public void Of_many_pairs_some_choose_the_array()
    {
        LayerBits[] pairs = [new(2, 2), new(2, 4), new(4, 4), new(4, 8), new(8, 4), s_eight];
        var fit = Fit([.. s_shapes.SelectMany(s => pairs.Select(p => new FitRow(s, p, Of(s, p))))]);
        Assert.Equal((Rows, Cols), (fit.Parameters.Rows, fit.Parameters.Cols));
        Assert.Equal(0.0625, fit.Parameters.Rates["w8a8"], 1e-6);
        Assert.InRange(fit.MedianError, 0, 1e-6);

        static double Of(LayerShape s, LayerBits b)
        {
            double memory = (s.Weights * PerWeightByte * b.Weights + (s.InputElements + s.OutputElements) * PerByte * b.Activations) / 8;
            double compute = TimeOf(s, s_eight) - Overhead - s.Weights * PerWeightByte - (s.InputElements + s.OutputElements) * PerByte;
            return Overhead + compute * b.Weights * b.Activations / 64 + memory;
        }
    }

    [Fact]
    public void The_file_prices_layers_that_were_not_measured()
    {
        string text = FittedFile.Write("made", Fit(Times(_ => 1)), "made times");
        var target = HardwareReader.Read("made.yaml", text, null);
        Assert.Equal("fitted", target.Kind);
        Assert.Equal("± 0 %, from 54 measured layers that the fit had not seen", target.ExpectedError!.ToString());
        QuantizableLayer[] layers = [new(0, "a", LayerShape.Conv2D(50, 50, 3, 1, 20, 20), 0) { Consumers = [1] }, new(1, "b", LayerShape.Conv2D(50, 50, 5, 1, 20, 20, 50), 1)];
        var costs = CostTable.Build(target, layers, 0);
        foreach (var bits in new[] { s_eight, s_real })
        {
            // The file has seven digits.
            double run = 3e-6, first = TimeOf(layers[0].Shape, bits) + run, second = TimeOf(layers[1].Shape, bits);
            Assert.Equal(first, costs[0, bits].Seconds, 1e-6 * first);
            Assert.Equal(second, costs[1, bits].Seconds, 1e-6 * second);
        }
        // 20 000 numbers are changed between both: 1 us and a tenth of a nanosecond each.
        double both = costs[0, s_eight].Seconds + costs[1, s_real].Seconds;
        Assert.Equal(both + 3e-6, costs.Price(new Policy([s_eight, s_real])).LatencySeconds, 1e-11);
        Assert.Equal(Bound.Compute, costs[0, s_real].Bound);
    }

    // A server's card: 65e12 multiply-accumulates a second and nothing else, or overhead and bytes alone.
    [Theory]
    [InlineData(1.5e-14, 0)]
    [InlineData(0, 3e-12)]
    public void Devices_without_one_of_the_parts_have_files_too(double perMac, double perByte)
    {
        FitRow[] rows = [.. s_shapes.Where(s => !s.IsDepthwise).Select(s => new FitRow(s, s_eight, 2e-6 + s.Macs * perMac + (s.Weights + s.InputElements + s.OutputElements) * perByte))];
        var fit = FittedTarget.Fit(rows, [], 1, 0, "times.csv", fillsArray: false);
        var target = HardwareReader.Read("card.yaml", FittedFile.Write("card", fit, "made"), null);
        QuantizableLayer[] layers = [.. rows.Select((r, i) => new QuantizableLayer(i, $"l{i}", r.Shape, i))];
        var costs = CostTable.Build(target, layers, 0);
        // What is left of a multiply-accumulate that costs nothing is a thousandth of the fastest that a file can hold.
        for (int i = 0; i < rows.Length; i++) Assert.Equal(rows[i].Seconds, costs[i, s_eight].Seconds, 1e-5 * rows[i].Seconds);
    }

    [Fact]
    public void Noise_shows_in_the_error_on_layers_that_the_fit_had_not_seen()
    {
        var random = new SeededRandom(8);
        var fit = Fit(Times(_ => Math.Exp(0.2 * random.NextNormal())));
        Assert.InRange(fit.MedianError, 0.05, 0.3);
        Assert.True(fit.WideError > fit.MedianError);
        Assert.InRange(fit.RankCorrelation, 0.8, 1);
    }

    [Fact]
    public void Times_that_follow_no_model_are_refused()
    {
        var random = new SeededRandom(9);
        var error = Assert.Throws<HaqException>(() => Fit([.. Times(_ => 1).Select(r => r with { Seconds = Math.Exp(random.NextNormal()) * 1e-4 })]));
        Assert.Equal("HAQ0237", error.Diagnostic.Descriptor.Code);
        Assert.Contains("it explains nothing", error.Message, StringComparison.Ordinal);
        Assert.Contains("too few", Assert.Throws<HaqException>(() => Fit([.. Times(_ => 1).Take(6)])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bundle_and_a_table_are_read()
    {
        var bundle = MadeBundle.Make();
        var input = FitInput.Of(bundle, TimesFile.Parse("t.csv", MadeBundle.Csv(bundle, p => MadeBundle.SecondsOf(bundle, p))), "t.csv");
        Assert.Equal((6, 4, 1), (input.Rows.Length, input.Converts.Length, input.Batch));
        Assert.Equal(MadeBundle.Overhead, input.RunSeconds, 1e-15);
        // What the layer takes in a network: 0.8 of what it takes alone.
        Assert.Equal(0.8 * input.Rows[0].Shape.Macs / 4e9, input.Rows.Single(r => r.Shape == input.Rows[0].Shape && r.Bits == s_eight).Seconds, 1e-12);

        using var folder = new TemporaryFolder();
        string table = folder["board.csv"];
        File.WriteAllText(table, "layer,weight_bits,activation_bits,latency_ns\nconv,8,8,1000\nConv 3x3/2x2 32->64 28x28,8,8,2000\nGemm 10->20 1,8,8,30\nConvert 5,8,32,7\n");
        Assert.True(FitInput.IsTable(table));
        var read = FitInput.Of(table, new Dictionary<string, LayerShape> { ["conv"] = s_shapes[0] }, 1);
        Assert.Equal([s_shapes[0], LayerShape.Conv2D(32, 64, 3, 2, 56, 28), LayerShape.Dense(10, 20)], read.Rows.Select(r => r.Shape));
        Assert.Equal(7e-9, Assert.Single(read.Converts).Seconds, 1e-15);
        Assert.Equal("HAQ0202", Assert.Throws<HaqException>(() => FitInput.Of(table, new Dictionary<string, LayerShape>(), 1)).Diagnostic.Descriptor.Code);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Shapes_are_read_back_from_their_text(int index)
    {
        Assert.True(ShapeText.TryParse(s_shapes[index].ToString(), out var shape));
        Assert.Equal(s_shapes[index], shape);
    }

    public static TheoryData<int> Shapes => [.. Enumerable.Range(0, 5), s_shapes.Length - 1];

    [Theory]
    [InlineData("rates: {w8a8: 1}", "rates: {w8a9x: 1}", "not a pair of widths")]
    [InlineData("rates: {w8a8: 1}", "rates: {}", "is empty")]
    [InlineData("rates: {w8a8: 1}", "rates: {w8a8: 1}\ndepthwise_rates: {w4a8: 1}", "has no w8a8")]
    [InlineData("rows: 8", "rows: 0", "rows")]
    public void A_file_that_makes_no_sense_is_an_error(string old, string now, string what)
    {
        const string File = "kind: fitted\nrows: 8\ncols: 8\nclock_mhz: 100\nrates: {w8a8: 1}\nprovenance: p\n";
        Assert.Null(HardwareReader.Read("f.yaml", File, null).ExpectedError);
        Assert.Contains(what, Assert.Throws<HaqException>(() => HardwareReader.Read("f.yaml", File.Replace(old, now, StringComparison.Ordinal), null)).Message, StringComparison.Ordinal);
    }

    private static FittedTarget Fit(FitRow[] rows) => FittedTarget.Fit(rows, [new(10_000, 2e-6), new(40_000, 5e-6)], 1, 3e-6, "times.csv");

    private static FitRow[] Times(Func<int, double> noise) =>
        [.. s_shapes.SelectMany(s => new[] { s_eight, s_real }.Select(b => (s, b))).Select((p, i) => new FitRow(p.s, p.b, TimeOf(p.s, p.b) * noise(i)))];

    // The equation, written once more.
    private static double TimeOf(LayerShape s, LayerBits bits)
    {
        bool eight = bits == s_eight;
        double memory = (s.Weights * PerWeightByte + (s.InputElements + s.OutputElements) * PerByte) * (eight ? 1 : 4);
        if (s.IsDepthwise) return Overhead + s.Macs * (eight ? PerDepthwise8 : PerDepthwise32) + memory;
        long window = s.In * s.KernelElements, pixels = s.OutputPixels;
        return Overhead + pixels * (Math.Ceiling((double)window / Rows) * Rows) * (Math.Ceiling((double)s.Out / Cols) * Cols) * (eight ? PerDense8 : PerDense32) + memory;
    }
}
