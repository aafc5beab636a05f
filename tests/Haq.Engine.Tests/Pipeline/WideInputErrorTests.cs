using System.Runtime.InteropServices;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Tests.Quantization.Tensors;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>What cannot be meant about widths is refused, with what there is instead, at its place.</summary>
public sealed class WideInputErrorTests : IDisposable
{
    private const string Hardware = "name: npu\nkind: systolic\nclock_mhz: 1000\ntensors: integer\ndataflow: os\nrows: 8\ncols: 8\nbits: {weights: [4, 8], activations: [8, 16]}\n"
        + "sram: {weights: 65536, inputs: 65536, outputs: 65536}\ndram_bits_per_cycle: 32\nprovenance: test\n";

    private readonly TemporaryFolder _folder = new();

    public WideInputErrorTests()
    {
        AttentionNetwork.Model().Save(_folder["attention.onnx"]);
        File.WriteAllText(_folder["npu.yaml"], Hardware);
        File.WriteAllBytes(_folder["x.bin"], MemoryMarshal.AsBytes(AttentionNetwork.Samples(16, 31).AsSpan()).ToArray());
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bits: {weights: 8, activations: [8, 11]}", "HAQ0004", "the nearest is 8", 3)]
    [InlineData("bits: {weights: 8, activations: [8, 12]}", "HAQ0004", "the nearest is 16", 3)]
    [InlineData("bits: {weights: 8, activations: 17}", "HAQ0004", "the nearest is 16", 3)]
    [InlineData("bits: {weights: 8, activations: 31}", "HAQ0004", "the nearest is float", 3)]
    [InlineData("bits: {weights: 8, activations: 64}", "HAQ0004", "the widest is float", 3)]
    [InlineData("bits: {weights: 16, activations: [8, 16]}", "HAQ0608", "no weights of 16 bits: it computes with weights 4, 8; activations 8, 16", 3)]
    [InlineData("bits: {weights: 8, activations: float}", "HAQ0608", "no activations of floating point: it computes with weights 4, 8; activations 8, 16", 3)]
    [InlineData("bits: 8\nlayers: {up.MatMul: {weights: 16}}", "HAQ0608", "no weights of 16 bits", 4)]
    [InlineData("bits: 8\nlayers: {stream: {activations: float}}", "HAQ0608", "no activations of floating point", 4)]
    [InlineData("bits: 8\nlayers: {stream: {activations: 4}}", "HAQ0603", "the tensor 'stream' (4) between layers; there it has 8, 16", 4)]
    [InlineData("bits: 8\nlayers: {stream: {weights: 4}}", "HAQ0603", "have no weights", 4)]
    [InlineData("bits: {weights: 16}\nquantization: {weights: kmeans}", "HAQ0011", "k-means", null)]
    public void Widths_that_are_none_or_that_the_hardware_lacks_are_refused_with_what_there_is(string rest, string code, string says, int? line)
    {
        File.WriteAllText(_folder["haq.yaml"], $"model: attention.onnx\nhardware: ./npu.yaml\n{rest}\ndata: {{evaluation: {{path: x.bin, format: raw, dtype: float32, shape: [8, 16]}}}}\n");
        var error = Assert.Throws<HaqException>(() => ManifestBuild.Run(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder["cache"])), null, CancellationToken.None));
        Assert.Equal(code, error.Diagnostic.Descriptor.Code);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        if (line is not null) Assert.Equal(line, error.Diagnostic.Location!.Value.Line);
        Assert.False(File.Exists(_folder["attention.haq.onnx"]));
    }

    [Theory]
    [InlineData("bits: 8\nlayers: {up.MatMul: {weights: 8, activations: 16}}", "none of the bits asked for layer 'up.MatMul' (weights 8, activations 16)", "w8a8", 4)]
    [InlineData("bits: 8\nlayers: {query.MatMul: {weights: 8, activations: 8}, key.MatMul: {weights: 4, activations: 16}}", "query.MatMul", "key.MatMul", 4)]
    public void Entries_that_contradict_the_hardwares_pairs_or_each_other_are_refused_at_their_place(string rest, string says, string has, int line)
    {
        File.WriteAllText(_folder["npu.yaml"], Hardware.Replace("{weights: [4, 8], activations: [8, 16]}", "{pairs: [w8a8, w4a16]}", StringComparison.Ordinal));
        File.WriteAllText(_folder["haq.yaml"], $"model: attention.onnx\nhardware: ./npu.yaml\n{rest}\ndata: {{evaluation: {{path: x.bin, format: raw, dtype: float32, shape: [8, 16]}}}}\n");
        var error = Assert.Throws<HaqException>(() => ManifestBuild.Run(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder["cache"])), null, CancellationToken.None));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Contains(has, error.Message, StringComparison.Ordinal);
        Assert.Equal(line, error.Diagnostic.Location!.Value.Line);
        Assert.True(error.Diagnostic.Location!.Value.Column > 0);
        Assert.False(File.Exists(_folder["attention.haq.onnx"]));
    }
}
