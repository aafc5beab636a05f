using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Hardware.Probes;

/// <summary>Times of a bundle as a hardware file: a device that follows the equation is met exactly, and doubtful times are named.</summary>
public sealed class ProbeImportTests
{
    private static readonly ProbeImportOptions s_options = new("made", "times.csv", "made.hardware.csv", "2026-05-04");

    private readonly ProbeBundle _bundle = MadeBundle.Make();

    [Fact]
    public void A_device_that_follows_the_equation_is_found_again()
    {
        var import = Import(p => MadeBundle.SecondsOf(_bundle, p));
        Assert.Equal(MadeBundle.Overhead, import.Overhead, 12);
        Assert.Equal((0.8, 0.9, 0.5), (Math.Round(import.Scales["w8a8"], 9), Math.Round(import.Scales["w32a32"], 9), Math.Round(import.ConvertScale, 9)));
        Assert.InRange(import.ExpectedError, 0, 1e-9);
        Assert.Empty(import.Doubts);
        Assert.False(import.HasEnergy);
        Assert.Equal("a made one", import.Device);
    }

    [Fact]
    public void The_table_adds_up_to_the_networks_changes_of_width_included()
    {
        var target = Read(Import(p => MadeBundle.SecondsOf(_bundle, p)));
        Assert.Equal(("made", "table", 1), (target.Name, target.Kind, target.Batch));
        var costs = CostTable.Build(target, Layers(), 0);
        foreach (var policy in _bundle.Policies)
        {
            var bits = new Policy([.. policy.Bits.Select(_bundle.BitsOf)]);
            // The table is rounded to picoseconds.
            Assert.Equal(MadeBundle.SecondsOf(_bundle, policy.Probe), costs.Price(bits).LatencySeconds, 1e-11);
            Assert.Equal(costs.Price(bits).LatencySeconds, costs.PriceWhole(bits).LatencySeconds, 1e-15);
        }
    }

    [Fact]
    public void The_expected_error_is_that_of_networks_which_the_fit_had_not_seen()
    {
        // One mixed network of three takes 10 % longer than the equation says.
        var import = Import(p => MadeBundle.SecondsOf(_bundle, p) * (p == "net-3" ? 1.1 : 1));
        var held = import.Policies.Where(p => p.HeldOutError is not null).ToArray();
        Assert.Equal(3, held.Length);
        Assert.Equal(1 / 1.1 - 1, held[1].HeldOutError!.Value, 0.02);
        Assert.Equal(Math.Sqrt(held.Sum(p => p.HeldOutError!.Value * p.HeldOutError!.Value) / 3), import.ExpectedError, 12);
        var expected = Read(import).ExpectedError!;
        Assert.Equal((3, "whole networks that the fit had not seen"), (expected.Rows, expected.Of));
        Assert.Equal(import.ExpectedError * 100, expected.Percent, 0.001);
        Assert.StartsWith("± ", expected.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Energies_are_taken_where_every_probe_has_one()
    {
        string csv = MadeBundle.Csv(_bundle, p => MadeBundle.SecondsOf(_bundle, p), "probe,seconds,joules", p => "," + (3 * MadeBundle.SecondsOf(_bundle, p)).ToString("R", CultureInfo.InvariantCulture));
        var import = ProbeImport.Of(_bundle, TimesFile.Parse("times.csv", csv), s_options);
        Assert.True(import.HasEnergy);
        var price = CostTable.Build(Read(import), Layers(), 0).Price(Policy.Uniform(3, LayerBits.Float));
        Assert.Equal(3 * price.LatencySeconds, price.EnergyJoules!.Value, 1e-9);

        var some = ProbeImport.Of(_bundle, TimesFile.Parse("times.csv", csv.Replace("net-0,", "net-0,1e-3\n#", StringComparison.Ordinal)), s_options);
        Assert.False(some.HasEnergy);
        Assert.Equal("HAQ1943", Assert.Single(some.Doubts, d => d.Descriptor.Code == "HAQ1943").Descriptor.Code);
    }

    [Theory]
    [InlineData("layer-0-w8a8")]
    [InlineData("group-1-w32a32")]
    [InlineData("up-8192")]
    [InlineData("net-3")]
    public void A_time_in_another_unit_is_warned_of(string probe)
    {
        var doubt = Assert.Single(Import(p => MadeBundle.SecondsOf(_bundle, p) * (p == probe ? 1000 : 1)).Doubts);
        Assert.Equal("HAQ1941", doubt.Descriptor.Code);
        Assert.Contains(probe, doubt.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_throttles_is_warned_of()
    {
        string csv = MadeBundle.Csv(_bundle, p => MadeBundle.SecondsOf(_bundle, p), "probe,seconds,spread_seconds", p => p == "net-1" ? ",1" : ",1e-7");
        var import = ProbeImport.Of(_bundle, TimesFile.Parse("times.csv", csv), s_options);
        var doubt = Assert.Single(import.Doubts);
        Assert.Equal("HAQ1942", doubt.Descriptor.Code);
        Assert.Contains("net-1 (quartiles", doubt.Message, StringComparison.Ordinal);
        Assert.NotNull(import.Spread);
    }

    [Fact]
    public void Missing_probes_and_those_of_another_bundle_are_errors()
    {
        string csv = MadeBundle.Csv(_bundle, p => MadeBundle.SecondsOf(_bundle, p));
        var lacking = TimesFile.Parse("t", csv.Replace("net-2,", "#", StringComparison.Ordinal).Replace("up-8192,", "#", StringComparison.Ordinal));
        var missing = Assert.Throws<HaqException>(() => ProbeImport.Of(_bundle, lacking, s_options));
        Assert.Contains("HAQ0232: 2 of 18 probes have no time: net-2, up-8192", missing.Diagnostic.ToString(), StringComparison.Ordinal);
        var foreign = Assert.Throws<HaqException>(() => ProbeImport.Of(_bundle, TimesFile.Parse("t", csv + "layer-9-w8a8,1\n"), s_options));
        Assert.Contains("HAQ0234: 1 time is of probes that are not in the bundle of made.onnx: layer-9-w8a8", foreign.Diagnostic.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bundle_is_read_back_as_it_was_written()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[ProbeBundle.FileName], _bundle.ToJson());
        Assert.Equal(_bundle.ToJson(), ProbeBundle.Read(folder.Path).ToJson());
    }

    [Theory]
    [InlineData("{", "HAQ0231")]
    [InlineData("{}", "HAQ0231")]
    [InlineData("null", "HAQ0231")]
    public void A_damaged_list_is_an_error(string text, string code)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[ProbeBundle.FileName], text);
        Assert.Equal(code, Assert.Throws<HaqException>(() => ProbeBundle.Read(folder.Path)).Diagnostic.Descriptor.Code);
    }

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 2", "version 2")]
    [InlineData("\"probe\": \"net-0\"", "\"probe\": \"net-9\"", "'net-9' is named, but not listed")]
    [InlineData("\"w8a8\": \"layer-2-w8a8\"", "\"w8a9\": \"layer-2-w8a8\"", "'l2' has no probe at w8a8")]
    public void A_list_that_does_not_hold_together_is_an_error(string old, string now, string what)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[ProbeBundle.FileName], _bundle.ToJson().Replace(old, now, StringComparison.Ordinal));
        Assert.Contains(what, Assert.Throws<HaqException>(() => ProbeBundle.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    private ProbeImport Import(Func<string, double> seconds) => ProbeImport.Of(_bundle, TimesFile.Parse("times.csv", MadeBundle.Csv(_bundle, seconds)), s_options);

    private static HardwareTarget Read(ProbeImport import)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["made.hardware.csv"], import.Table);
        return HardwareReader.Read("made.hardware.yaml", import.Hardware, folder.Path);
    }

    private QuantizableLayer[] Layers() => [.. _bundle.Layers.Select((l, i) => new QuantizableLayer(i, l.Name, l.Loops.ToShape(), i) { Consumers = i < 2 ? [i + 1] : [] })];
}
