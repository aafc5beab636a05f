using System.Runtime.InteropServices;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Stages.Reports;
using Onnx;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>What 8 bits ruin is left wider and named; where that is forbidden the build fails unless it is accepted.</summary>
public sealed class MendingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public MendingTests()
    {
        // Differences of neighbours that vary by 0.02 around 100: a step of 100/255 leaves nothing of them, and padding forbids to take the 100 off. The first output only depends on the 100.
        var graph = new GraphProto { Name = "g", Output = { new ValueInfoProto { Name = "level" }, new ValueInfoProto { Name = "edges" } } };
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = new TensorShapeProto() };
        tensor.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "N" });
        foreach (long extent in new long[] { 2, 8, 8 }) tensor.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = extent });
        graph.Input.Add(new ValueInfoProto { Name = "x", Type = new TypeProto { TensorType = tensor } });
        float[] edge = [-1, 0, 1, -2, 0, 2, -1, 0, 1];
        graph.Initializer.Add([
            TensorData.Of("edge", [2, 1, 3, 3], [.. edge, .. edge]), TensorData.Of("mix", [2, 2, 1, 1], [1f, 0.5f, -0.5f, 1f]), TensorData.Of("mean", [3, 2, 1, 1], [1f, 0.5f, 0.5f, 1f, 1f, 1f]),
            TensorData.Of("from", [2], (ReadOnlySpan<long>)[1L, 1L]), TensorData.Of("to", [2], (ReadOnlySpan<long>)[7L, 7L]), TensorData.Of("axes", [2], (ReadOnlySpan<long>)[2L, 3L])]);
        graph.Node.Add([
            OnnxNode.Of(OpNames.GlobalAveragePool, ["x"], ["pooled"], "pool"), OnnxNode.Of(OpNames.Conv, ["pooled", "mean"], ["level"], "leveller"),
            OnnxNode.Of(OpNames.Conv, ["x", "edge"], ["padded"], "differences").With("pads", [1, 1, 1, 1]).With("group", 2),
            OnnxNode.Of("Slice", ["padded", "from", "to", "axes"], ["inner"], "crop"), OnnxNode.Of(OpNames.Conv, ["inner", "mix"], ["edges"], "mixer")]);
        new OnnxModel(new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }, "m").Save(_folder["edges.onnx"]);
        var random = new SeededRandom(17);
        float[] x = [.. Enumerable.Range(0, 40 * 128).Select(_ => (float)(100 + 0.02 * random.NextNormal()))];
        File.WriteAllBytes(_folder["x.bin"], MemoryMarshal.AsBytes(x.AsSpan()).ToArray());
    }

    public void Dispose() => _folder.Dispose();

    private const string Manifest = "model: edges.onnx\nhardware: bismo-edge\nbits: 8\ndata: {evaluation: {path: x.bin, format: raw, dtype: float32, shape: [2, 8, 8]}}\n";

    [Fact]
    public void The_layer_that_an_output_needs_is_left_in_float_and_named_and_a_locked_build_says_the_same()
    {
        var first = Run(Manifest);
        var told = Assert.Single(first.Warnings, w => w.Descriptor.Code == "HAQ1404");
        Assert.Contains("output 'edges'", told.Message, StringComparison.Ordinal);
        Assert.Contains("layers: {\"differences\": skip}", told.Message, StringComparison.Ordinal);
        Assert.Empty(first.BrokenGates);
        Assert.True(first.Report.Agreement!.Cosine >= 0.99);
        Assert.Equal("differences", Assert.Single(first.Report.Mending!.Widened).Name);
        Assert.Equal((32, 32), (first.Report.Layers.Single(l => l.Name == "differences").Chosen.Weights, first.Report.Layers.Single(l => l.Name == "differences").Chosen.Activations));
        string model = Convert.ToHexString(File.ReadAllBytes(first.Outputs[0].Path));

        var again = Run(Manifest, new StageCache(_folder["another cache"]), locked: true);
        Assert.Equal(model, Convert.ToHexString(File.ReadAllBytes(again.Outputs[0].Path)));
        Assert.Contains(again.Warnings, w => w == told);

        Assert.DoesNotContain(Run(Manifest + "layers: {\"differences\": skip}\n").Warnings, w => w.Descriptor.Code is "HAQ1403" or "HAQ1404");
    }

    [Theory]
    [InlineData("real")]
    [InlineData("integer")]
    public void On_hardware_with_16_bits_only_what_needs_them_gets_them_and_nothing_is_left_in_float(string tensors)
    {
        File.WriteAllText(_folder["npu.yaml"], $$"""
            kind: systolic
            clock_mhz: 1000
            tensors: {{tensors}}
            dataflow: os
            rows: 8
            cols: 8
            bits: {pairs: [w8a8, w8a16]}
            sram: {weights: 65536, inputs: 65536, outputs: 65536}
            dram_bits_per_cycle: 64
            provenance: test
            """);
        var result = Run(Manifest.Replace("bismo-edge", "npu.yaml", StringComparison.Ordinal));
        Assert.Empty(result.BrokenGates);
        Assert.True(result.Report.Agreement!.Cosine >= 0.99);
        Assert.Contains(result.Report.Mending!.Widened, w => w.Name == "differences");
        Assert.All(result.Report.Layers, l => Assert.True(l.Chosen.Activations <= 16, l.Name));
        Assert.Contains(result.Report.Layers, l => l.Name == "leveller" && l.Chosen.Activations == 8);
    }

    [Fact]
    public void A_layer_whose_width_is_written_stays_and_the_build_fails_unless_the_gate_is_a_warning()
    {
        const string pinned = Manifest + "layers: {differences: {weights: 8, activations: 8}}\n";
        var broken = Run(pinned);
        Assert.Contains("output 'edges'", Assert.Single(broken.BrokenGates, g => g.Descriptor.Code == "HAQ0404").Message, StringComparison.Ordinal);
        Assert.True(File.Exists(broken.Outputs[0].Path));

        var accepted = Run(pinned + "gate: warning\n");
        Assert.Empty(accepted.BrokenGates);
        Assert.Contains("'gate: warning' accepts it", Assert.Single(accepted.Warnings, w => w.Descriptor.Code == "HAQ1403").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Widths_that_were_asked_for_are_kept_with_a_warning()
    {
        var result = Run(Manifest.Replace("bits: 8", "bits: 3", StringComparison.Ordinal));
        Assert.Empty(result.BrokenGates);
        Assert.Contains("at the widths that 'bits:' asks for", Assert.Single(result.Warnings, w => w.Descriptor.Code == "HAQ1403").Message, StringComparison.Ordinal);
        Assert.Null(result.Report.Mending);
    }

    [Fact]
    public void A_budget_that_has_no_room_for_more_is_no_error()
    {
        var result = Run(Manifest.Replace("bits: 8", "bits: 8\nbudget: {size: 76 B}", StringComparison.Ordinal));
        Assert.Empty(result.BrokenGates);
        Assert.Null(result.Report.Mending);
    }

    private PipelineResult Run(string manifest, StageCache? cache = null, bool locked = false)
    {
        File.WriteAllText(_folder["haq.yaml"], manifest);
        return ManifestBuild.Run(new PipelineOptions(_folder["haq.yaml"], cache ?? new StageCache(_folder["cache"])) { Locked = locked }, null, CancellationToken.None);
    }
}
