using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware.Probes;

namespace Haq.Engine.Tests.Hardware.Probes;

/// <summary>A list of probes that a stranger wrote names no file outside its folder.</summary>
public sealed class ProbeBundleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ProbeBundle _bundle = MadeBundle.Make();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_is_read()
    {
        var bundle = With(new Probe("more", ProbeKind.Layer, 1, [new ProbeInput("x", "float", [1], "inputs/float_1.pb")]));
        Assert.Equal(bundle.ToJson(), Read(bundle).ToJson());
    }

    [Theory]
    [InlineData("inputs/../../secret")]
    [InlineData("../secret")]
    [InlineData("/secret")]
    [InlineData("inputs/..")]
    [InlineData("inputs/")]
    [InlineData("inputs/a\\b")]
    [InlineData("inputs/C:b")]
    [InlineData("probes/a.onnx")]
    public void An_input_outside_its_folder_is_refused(string file) =>
        AssertRefused(With(new Probe("more", ProbeKind.Layer, 1, [new ProbeInput("x", "float", [1], file)])), $"'{file}' is no input of a probe");

    [Theory]
    [InlineData("..")]
    [InlineData("-rf")]
    [InlineData("a/b")]
    [InlineData("a b")]
    public void A_probe_that_is_no_name_of_a_file_is_refused(string name) => AssertRefused(With(new Probe(name, ProbeKind.Layer, 1, [])), $"'{name}' is no name for a probe");

    [Fact]
    public void A_probe_that_is_listed_twice_is_refused() => AssertRefused(With(_bundle.Probes[0]), $"the probe '{_bundle.Probes[0].Name}' is listed more than once");

    [Theory]
    [InlineData("0123")]
    [InlineData("zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")]
    public void A_digest_that_is_none_is_refused(string digest) => AssertRefused(MadeBundle.Make(digest), "is no SHA-256 of a model");

    private ProbeBundle With(Probe probe) => _bundle with { Probes = _bundle.Probes.Add(probe) };

    private ProbeBundle Read(ProbeBundle bundle)
    {
        File.WriteAllText(_folder[ProbeBundle.FileName], bundle.ToJson());
        return ProbeBundle.Read(_folder.Path);
    }

    private void AssertRefused(ProbeBundle bundle, string what)
    {
        var error = Assert.Throws<HaqException>(() => Read(bundle));
        Assert.Equal("HAQ0231", error.Diagnostic.Descriptor.Code);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }
}
