using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Probing;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Networks;
using Haq.Engine.Tests.Quantization.Export;
using Onnx;

namespace Haq.Engine.Tests.Pipeline.Probing;

/// <summary>Bundles: every probe runs on its inputs, and the parts make up the whole.</summary>
public sealed class ProbingTests : IDisposable
{
    private static readonly ProbingOptions s_options = new([LayerBits.Uniform(Bitwidth.Eight), new LayerBits(8, 16), LayerBits.Float]);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_probe_runs_and_every_layer_has_one_at_every_width()
    {
        var bundle = Write(SmallNetworks.Residual());
        Assert.All(bundle.Probes, p => Run(p, out _));
        Assert.Equal(["w8a8", "w8a16", "w32a32"], bundle.Widths);
        Assert.Equal(bundle.ToJson(), ProbeBundle.Read(_folder.Path).ToJson());
        Assert.Equal(bundle.Probes.Select(p => p.File).Order(), Directory.GetFiles(_folder["probes"]).Select(f => "probes/" + Path.GetFileName(f)).Order());
        Assert.All(bundle.Layers.SelectMany(l => l.Group), entry => Assert.EndsWith("-" + entry.Key, entry.Value, StringComparison.Ordinal));
        // Two convolutions of one shape would share a probe; these differ. What follows a layer makes a group of it: the sum behind 'left', the activation behind the others.
        Assert.All(bundle.Layers, l => Assert.Equal(l.Name == "head", l.Alone["w8a8"] == l.Group["w8a8"]));
        foreach (string file in (string[])["measure.py", "measure.sh", "RUNNERS.md", "runner/Program.txt", "runner/Runner.csproj", "runner/Directory.Build.props"]) Assert.True(File.Exists(_folder[file]), file);
        // An application around the bundle would compile them.
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.cs", SearchOption.AllDirectories));
        Assert.DoesNotContain("ORT_VERSION", File.ReadAllText(_folder["runner/Runner.csproj"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("residual", 0)]
    [InlineData("cnn", 1)]
    [InlineData("cnn", 2)]
    [InlineData("square", 1)]
    public void Nodes_of_the_groups_are_those_of_the_network(string kind, int number)
    {
        var bundle = Write(kind == "residual" ? SmallNetworks.Residual() : RandomNetworks.Make(kind, number));
        foreach (var policy in bundle.Policies.Where(p => p.IsUniform))
        {
            string[] groups = [.. bundle.Layers.Select(l => l.Group[policy.Bits[0]]), .. bundle.Start.TryGetValue(policy.Bits[0], out string? start) ? new[] { start } : []];
            // What several read (a dequantization) stands in each group that reads it, so that only what computes is counted.
            Assert.Equal(Computing([policy.Probe]), Computing(groups));
        }
    }

    [Fact]
    public void Inputs_are_the_same_every_time_and_models_of_one_content_have_one_name()
    {
        var first = Write(SmallNetworks.Residual());
        byte[] input = File.ReadAllBytes(_folder[first.Probes.First(p => p.Kind == ProbeKind.Policy).Inputs[0].File]);
        using var other = new TemporaryFolder();
        var second = BundleWriter.Write(SmallNetworks.Residual(), s_options, other.Path, d => Assert.Fail(d.ToString()));
        Assert.Equal(first.ToJson(), second.ToJson());
        Assert.Equal(input, File.ReadAllBytes(other[second.Probes.First(p => p.Kind == ProbeKind.Policy).Inputs[0].File]));
    }

    [Fact]
    public void A_bundle_that_is_written_again_keeps_the_times_that_still_belong_to_it()
    {
        var wide = Write(SmallNetworks.Residual());
        string kept = wide.Layers[0].Group["w8a8"], gone = wide.Layers[0].Group["w8a16"];
        File.WriteAllText(_folder[TimesFile.FileName], $"# device: x\nprobe,seconds\n{kept},1\n{gone},2\n");
        var narrow = BundleWriter.Write(SmallNetworks.Residual(), s_options with { Widths = [LayerBits.Uniform(Bitwidth.Eight), LayerBits.Float] }, _folder.Path, d => Assert.Fail(d.ToString()));
        Assert.Equal($"# device: x\nprobe,seconds\n{kept},1\n", File.ReadAllText(_folder[TimesFile.FileName]));
        Assert.Equal($"{gone},2\n", File.ReadAllText(_folder["times.old.csv"]));
        Assert.False(File.Exists(_folder[$"probes/{gone}.onnx"]));
        Assert.Equal(narrow.Probes.Length, Directory.GetFiles(_folder["probes"]).Length);
    }

    [Fact]
    public void A_folder_with_the_bundle_of_another_model_is_left_alone()
    {
        Write(SmallNetworks.Residual());
        string before = File.ReadAllText(_folder[ProbeBundle.FileName]);
        var error = Assert.Throws<HaqException>(() => Write(RandomNetworks.Make("cnn", 1)));
        Assert.Equal("HAQ0234", error.Diagnostic.Descriptor.Code);
        Assert.Equal(before, File.ReadAllText(_folder[ProbeBundle.FileName]));
    }

    [Fact]
    public void A_folder_with_other_files_is_left_alone()
    {
        File.WriteAllText(_folder["README.md"], "mine");
        var error = Assert.Throws<HaqException>(() => Write(SmallNetworks.Residual()));
        Assert.Equal("HAQ0234", error.Diagnostic.Descriptor.Code);
        Assert.Contains("the folder holds 'README.md' and no measure.json", error.Message, StringComparison.Ordinal);
        Assert.Contains("Give an empty or new folder", error.Message, StringComparison.Ordinal);
        Assert.Equal([_folder["README.md"]], Directory.GetFileSystemEntries(_folder.Path));
        Assert.Equal("mine", File.ReadAllText(_folder["README.md"]));
    }

    [Fact]
    public void A_bundle_that_was_cut_off_before_its_list_is_gone_on_with()
    {
        foreach (string folder in (string[])["probes", "inputs"]) Directory.CreateDirectory(_folder[folder]);
        Assert.Equal(Write(SmallNetworks.Residual()).ToJson(), ProbeBundle.Read(_folder.Path).ToJson());
    }

    [Fact]
    public void A_batch_is_written_into_every_probe()
    {
        var bundle = BundleWriter.Write(RandomNetworks.Make("cnn", 2), s_options with { Batch = 3 }, _folder.Path, d => Assert.Fail(d.ToString()));
        Assert.Equal(3, bundle.Batch);
        Assert.All(bundle.Probes.Where(p => p.Kind == ProbeKind.Policy), p => Assert.Equal(3, p.Inputs[0].Shape[0]));
        Assert.All(bundle.Probes, p => Run(p, out _));
    }

    private ProbeBundle Write(OnnxModel model) => BundleWriter.Write(model, s_options, _folder.Path, d => Assert.Fail(d.ToString()));

    private Dictionary<string, int> Computing(IEnumerable<string> probes) => probes
        .SelectMany(p => OnnxModel.Load(_folder[$"probes/{p}.onnx"]).Graph.Node)
        .Where(n => !n.Is(OpNames.DequantizeLinear) && !n.Is(OpNames.Constant))
        .GroupBy(n => n.OpType).ToDictionary(g => g.Key, g => g.Count());

    private void Run(Probe probe, out int outputs)
    {
        using var session = new OrtSession(OnnxModel.Load(_folder[probe.File]));
        var feeds = probe.Inputs.ToDictionary(i => i.Name, i => OrtTensor.Of(TensorProto.Parser.ParseFrom(File.ReadAllBytes(_folder[i.File]))));
        var results = session.Run(feeds);
        outputs = results.Length;
        foreach (var tensor in feeds.Values.Concat(results)) tensor.Dispose();
    }
}
