using System.Runtime.InteropServices;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>Outputs can be close to float's and the classes be lost all the same: more accuracy than was asked for is gone, and no budget forced it.</summary>
public sealed class AccuracyMendingTests : IDisposable
{
    private const int Samples = 160;

    // Without evening out channels, which would take the 100 off.
    private const string Manifest = "model: m.onnx\nhardware: bismo-edge\nbits: 8\nquantization: {smooth: false}\nbudget: {accuracy-drop: 2 %}\n"
        + "data: {evaluation: {path: x.bin, format: raw, dtype: float32, shape: [2], labels: labels.bin}}\n";

    private readonly TemporaryFolder _folder = new();

    public AccuracyMendingTests()
    {
        // Two scores near 100 whose difference decides, a hundredth of a step of their 8-bit grid.
        TinyModel.Of(13, ("x", [-1, 2]), [TensorData.Of("w", [2, 2], [1f, 1f, 0f, 1f])], OnnxNode.Of(OpNames.Gemm, ["x", "w"], ["y"], "head")).Save(_folder["m.onnx"]);
        var random = new SeededRandom(23);
        float[] values = [.. Enumerable.Range(0, Samples).SelectMany(i => new[] { (float)(100 + 8 * random.NextDouble()), i % 2 == 0 ? -0.1f : 0.1f })];
        File.WriteAllBytes(_folder["x.bin"], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        File.WriteAllBytes(_folder["labels.bin"], [.. Enumerable.Range(0, Samples).Select(i => (byte)(i % 2))]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_layer_that_the_classes_need_is_left_wider_and_the_points_are_told()
    {
        var result = Run(Manifest);
        var told = Assert.Single(result.Warnings, w => w.Descriptor.Code == "HAQ1404");
        Assert.Matches(@"^\d\d(\.\d+)? points would be lost .* 'head' in float: left wider, and that is kept\. ", told.Message);
        Assert.Empty(result.BrokenGates);
        Assert.Equal((100, 100), (result.Report.Float!.Top1, result.Report.Delivered!.Top1));
        Assert.True(result.Report.Mending!.Before > 0.999);
    }

    [Fact]
    public void Where_the_width_is_written_the_build_fails_by_the_accuracy_unless_the_gate_is_a_warning()
    {
        const string pinned = Manifest + "layers: {head: {weights: 8, activations: 8}}\n";
        var broken = Run(pinned);
        Assert.Equal("HAQ0905", Assert.Single(broken.BrokenGates).Descriptor.Code);
        Assert.Null(broken.Report.Mending);
        Assert.True(broken.Report.Agreement!.Cosine > 0.99);
        Assert.True(File.Exists(broken.Outputs[0].Path));

        var accepted = Run(pinned + "gate: warning\n");
        Assert.Empty(accepted.BrokenGates);
        Assert.Contains(accepted.Warnings, w => w.Descriptor.Code == "HAQ1905");
    }

    [Fact]
    public void What_three_standard_errors_allow_is_left_alone()
    {
        // Half of the classes are lost; as much was asked for.
        var result = Run(Manifest.Replace("accuracy-drop: 2 %", "accuracy-drop: 60 %", StringComparison.Ordinal));
        Assert.DoesNotContain(result.Warnings, w => w.Descriptor.Code == "HAQ1404");
        Assert.Null(result.Report.Mending);
        Assert.True(result.Report.Delivered!.Top1 < 80);
    }

    private PipelineResult Run(string manifest)
    {
        File.WriteAllText(_folder["haq.yaml"], manifest);
        return ManifestBuild.Run(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder["cache"])), null, CancellationToken.None);
    }
}
