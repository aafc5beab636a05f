using System.Runtime.InteropServices;
using System.Text;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Tests.Quantization.Tensors;
using Onnx;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>16 bits on hardware that was measured layer by layer, and sums that 32 bits may not hold.</summary>
public sealed class WideTargetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tensors_between_layers_have_widths_where_layers_were_measured_too()
    {
        AttentionNetwork.Model().Save(_folder["attention.onnx"]);
        File.WriteAllBytes(_folder["x.bin"], MemoryMarshal.AsBytes(AttentionNetwork.Samples(96, 31).AsSpan()).ToArray());
        var table = new StringBuilder("layer,weight_bits,activation_bits,latency_ns\n");
        foreach (string layer in (string[])["query", "key", "value", "out", "up", "down"]) table.Append(layer).Append(".MatMul,8,8,100\n").Append(layer).Append(".MatMul,8,16,190\n");
        File.WriteAllText(_folder["board.csv"], table.ToString());
        File.WriteAllText(_folder["board.yaml"], "name: board\nkind: table\ntensors: integer\nfile: board.csv\ndevice: board\nmeasured: 2026-03-01\nprovenance: test\n");
        File.WriteAllText(_folder["haq.yaml"], "model: attention.onnx\nhardware: ./board.yaml\nobjective: latency\nbudget: {accuracy-drop: 0.5 %}\nmetric: cosine\nbits: {weights: 8, activations: [8, 16]}\n"
            + "search: {samples: 32}\ndata: {evaluation: {path: x.bin, format: raw, dtype: float32, shape: [8, 16]}}\n");
        var report = Build().Report;
        Assert.Contains(report.Layers, l => l is { IsTensor: true, Chosen.Activations: 8 });
        Assert.True(report.Delivered!.Cosine > 0.99);
        Assert.Equal(report.Layers.Where(l => !l.IsTensor).Sum(l => l.Chosen.Activations == 16 ? 190e-6 : 100e-6), report.Cost.LatencyMs, 1e-9);
        var counted = ExportedWidths.Of(_folder["attention.haq.onnx"]);
        Assert.All(report.Layers.Where(l => l.IsTensor), t =>
            Assert.Equal((t.Name, t.Chosen.Activations), (t.Name, counted.Quantized.TryGetValue(t.Name, out int own) ? own : counted.Quantized[$"{t.Name}_quantization.real"])));
    }

    [Fact]
    public void A_layer_whose_sums_need_more_than_32_bits_at_16_is_named_and_at_8_none_is()
    {
        const int terms = 4608;
        var random = new SeededRandom(4);
        var graph = new GraphProto { Name = "g" };
        graph.Input.Add(TinyModel.Value("x", -1, terms));
        graph.Output.Add(TinyModel.Value("y", -1, 2));
        // All weights of one sign are as great: each product needs all of its bits, and 4,608 of them 13 more.
        graph.Initializer.Add([
            TensorData.Of("w", [terms, 8], [.. Enumerable.Range(0, terms * 8).Select(i => i % 8 == 0 ? 1f : (float)random.NextNormal())]),
            TensorData.Of("v", [8, 2], [.. Enumerable.Range(0, 16).Select(_ => (float)random.NextNormal())])]);
        graph.Node.Add([OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["h"], "long"), OnnxNode.Of(OpNames.MatMul, ["h", "v"], ["y"], "short")]);
        new OnnxModel(new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }, "m").Save(_folder["m.onnx"]);
        float[] values = [.. Enumerable.Range(0, 16 * terms).Select(_ => (float)random.NextDouble())];
        File.WriteAllBytes(_folder["x.bin"], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        File.WriteAllText(_folder["npu.yaml"], "kind: systolic\nclock_mhz: 1000\ndataflow: os\nrows: 8\ncols: 8\nbits: {weights: [8], activations: [8, 16]}\n"
            + "sram: {weights: 65536, inputs: 65536, outputs: 65536}\ndram_bits_per_cycle: 32\nprovenance: test\n");
        string[] Told(int activations)
        {
            File.WriteAllText(_folder["haq.yaml"], $"model: m.onnx\nhardware: ./npu.yaml\nmetric: cosine\nbits: {{weights: 8, activations: {activations}}}\n"
                + $"data: {{evaluation: {{path: x.bin, format: raw, dtype: float32, shape: [{terms}]}}}}\n");
            return [.. Build().Warnings.Where(w => w.Descriptor.Code == "HAQ1401").Select(w => w.Message)];
        }

        string told = Assert.Single(Told(16));
        Assert.StartsWith("'long' needs ", told, StringComparison.Ordinal);
        Assert.Contains("4608 products of 8-bit weights and 16-bit inputs", told, StringComparison.Ordinal);
        Assert.Empty(Told(8));
    }

    private PipelineResult Build() => ManifestBuild.Run(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder["cache"])), null, CancellationToken.None);
}
