using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Tests.Pipeline;

/// <summary><c>size</c> is about what the target stores, <c>file-size</c> about the file; figures of both are told apart.</summary>
public sealed class FileSizeTests : IDisposable
{
    private readonly TinyProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void Integers_take_the_container_that_holds_them() =>
        Assert.Equal([4, 4, 8, 8, 16, 32], new[] { 2, 4, 5, 8, 16, 32 }.Select(bits => FileSizes.Container(new Bitwidth(bits))));

    [Fact]
    public void A_size_in_bytes_that_the_file_does_not_keep_is_told()
    {
        var result = Run("{size: 20 kB}");
        Assert.True(result.Report.Cost.SizeBytes <= 20_000);
        Assert.Equal(new FileInfo(result.Outputs[0].Path).Length, result.Report.FileBytes);
        Assert.Equal(result.Report.FileBytes > 20_000, result.Warnings.Any(w => w.Descriptor.Code == "HAQ1904"));
        double smallest = result.Report.Cost.SizeBytes;
        var tight = Run($"{{size: {smallest:0} B}}");
        Assert.Contains("Write 'file-size'", Assert.Single(tight.Warnings, w => w.Descriptor.Code == "HAQ1904").Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Run("{size: 0.9x}").Warnings, w => w.Descriptor.Code == "HAQ1904");
    }

    [Fact]
    public void The_file_keeps_a_file_size_or_the_build_fails()
    {
        var wide = Run("{latency: 1x}");
        long bytes = wide.Report.FileBytes!.Value;
        var kept = Run($"{{file-size: {bytes + 20_000} B}}");
        Assert.Empty(kept.BrokenGates);
        Assert.True(kept.Report.FileBytes <= bytes + 20_000);
        Assert.Equal(bytes + 20_000, kept.Report.Budget.FileBytes);

        var refused = Assert.Throws<HaqException>(() => Run("{file-size: 100 B}")).Diagnostic;
        Assert.Equal("HAQ0203", refused.Descriptor.Code);
        Assert.Contains("file-size 100 B is below the floor", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bits: 8")]
    [InlineData("bits: {weights: 4, activations: 8}")]
    [InlineData("bits: {weights: 8, activations: 4}")]
    [InlineData("bits: {weights: 3, activations: 5}\nlayers: {head: {weights: 8, activations: 8}}")]
    [InlineData("bits: {weights: 2, activations: 2}")]
    public void What_is_foretold_is_the_file_within_three_per_cent(string bits)
    {
        var result = Run("{file-size: 1 MB}", bits);
        using var workspace = Workspace.Open(new PipelineOptions(_project["haq.yaml"], new StageCache(_project["cache"])), null, CancellationToken.None);
        double foretold = workspace.Pricing.Costs.Price(workspace.Pricing.Space.Widest).FileBits / 8.0, real = new FileInfo(result.Outputs[0].Path).Length;
        Assert.InRange(foretold / real, 0.97, 1.03);
    }

    private PipelineResult Run(string budget, string bits = "")
    {
        File.WriteAllText(_project["haq.yaml"],
            $"model: tiny.onnx\nhardware: bismo-edge\nbudget: {budget}\ngate: warning\nsearch: {{strategy: knapsack, samples: 16}}\nquantization: {{rounding: nearest, smooth: false}}\n{bits}\n"
            + "data: {preprocess: {scale: 255}, evaluation: {path: evaluation-idx3-ubyte, labels: evaluation-idx1-ubyte}}\n");
        return ManifestBuild.Run(new PipelineOptions(_project["haq.yaml"], new StageCache(_project["cache"])), null, CancellationToken.None);
    }
}
