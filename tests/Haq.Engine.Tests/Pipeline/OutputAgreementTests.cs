using System.Runtime.InteropServices;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Onnx;
using Haq.Engine.Pipeline;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>An output that 8 bits cannot keep is told with a remedy, and the remedy works.</summary>
public sealed class OutputAgreementTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_lost_output_is_named_with_the_layer_that_has_to_stay_in_float()
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
        const string manifest = "model: edges.onnx\nhardware: bismo-edge\nbits: 8\ndata: {evaluation: {path: x.bin, format: raw, dtype: float32, shape: [2, 8, 8]}}\n";

        var warning = Assert.Single(Run(manifest).Warnings, w => w.Descriptor.Code == "HAQ1403");
        Assert.Contains("output 'edges'", warning.Message, StringComparison.Ordinal);
        Assert.Contains("layers: {\"differences\": skip}", warning.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Run(manifest + "layers: {\"differences\": skip}\n").Warnings, w => w.Descriptor.Code == "HAQ1403");
    }

    private PipelineResult Run(string manifest)
    {
        File.WriteAllText(_folder["haq.yaml"], manifest);
        return QuantizationPipeline.Run(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder["cache"])), null, CancellationToken.None);
    }
}
