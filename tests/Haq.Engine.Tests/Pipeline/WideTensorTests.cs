using System.IO.Compression;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Tests.Data;
using Onnx;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>A tensor between layers that 8 bits ruin is left at 16, and named.</summary>
public sealed class WideTensorTests : IDisposable
{
    private const string Hardware = "kind: systolic\nclock_mhz: 1000\ntensors: integer\ndataflow: os\nrows: 8\ncols: 8\nbits: {weights: [8], activations: [8, 16]}\n"
        + "sram: {weights: 65536, inputs: 65536, outputs: 65536}\ndram_bits_per_cycle: 32\nprovenance: test\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Advice_beside_a_policy_of_8_bits_names_the_tensor_and_holds()
    {
        Prepare();
        var given = Run("", items => Policy.Uniform(items.Count, new LayerBits(8, 8)));
        string told = Assert.Single(given.Warnings, w => w.Descriptor.Code == "HAQ1403").Message;
        Assert.Contains("With 'layers: {\"raised\": {activations: 16}}' the worst output has 1.000", told, StringComparison.Ordinal);
        string entry = told.Split("'layers: ")[1].Split("' the worst")[0];
        var followed = Run($"layers: {entry}\n");
        Assert.True(followed.Report.Agreement!.Cosine >= 0.99);
        Assert.Equal(["raised"], followed.Report.Layers.Where(l => l.Chosen.Activations > 8).Select(l => l.Name));
    }

    [Fact]
    public void The_sum_that_needs_16_bits_has_them_and_is_named()
    {
        Prepare();
        var result = Run("");
        var warning = Assert.Single(result.Warnings, w => w.Descriptor.Code == "HAQ1404");
        Assert.True(result.Report.Agreement!.Cosine >= 0.99);
        Assert.Equal(("raised", null, 16), result.Report.Mending!.Widened.Select(w => (w.Name, w.Weights, w.Activations)).Single());
        Assert.Contains("\"raised\": {activations: 16}", warning.Message, StringComparison.Ordinal);
        string entry = warning.Message.Split("'layers: ")[1].Split("' to make")[0];
        Assert.DoesNotContain(Run($"layers: {entry}\n").Warnings, w => w.Descriptor.Code is "HAQ1403" or "HAQ1404");
    }

    private void Prepare()
    {
        // x + 4000 loses x to a step of 16; what is left of it after 4000 is taken off again is nothing.
        var graph = new GraphProto { Name = "g" };
        graph.Input.Add([TinyModel.Value("x", -1, 8, 16), TinyModel.Value("level", -1, 8, 16)]);
        graph.Output.Add(TinyModel.Value("y", -1, 8, 16));
        var random = new SeededRandom(3);
        graph.Initializer.Add(TensorData.Of("w", [16, 16], [.. Enumerable.Range(0, 256).Select(i => (i / 16 == i % 16 ? 1f : 0) + (float)(0.05 * random.NextNormal()))]));
        graph.Node.Add([
            OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["h"], "mix"), OnnxNode.Of(OpNames.Add, ["h", "level"], ["raised"], "raise"), OnnxNode.Of(OpNames.Sub, ["raised", "level"], ["back"], "lower"),
            OnnxNode.Of(OpNames.MatMul, ["back", "w"], ["y"], "head")]);
        new OnnxModel(new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }, "m").Save(_folder["m.onnx"]);
        File.WriteAllText(_folder["npu.yaml"], Hardware);
        byte[] Values(Func<float> value) => DataFixture.Npy("<f4", "32, 8, 16", DataFixture.Bytes([.. Enumerable.Range(0, 32 * 128).Select(_ => value())]));
        File.WriteAllBytes(_folder["data.npz"], DataFixture.Zip(CompressionLevel.Fastest, ("x.npy", Values(() => (float)random.NextNormal())), ("level.npy", Values(() => 4000f))));
    }

    private PipelineResult Run(string rest, Func<IReadOnlyList<QuantizableLayer>, Policy>? policy = null)
    {
        File.WriteAllText(_folder["haq.yaml"], $"model: m.onnx\nhardware: ./npu.yaml\nbits: 8\nmetric: cosine\ndata: {{evaluation: {{path: data.npz}}}}\n{rest}");
        return ManifestBuild.Run(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder["cache"])) { Policy = policy }, null, CancellationToken.None);
    }
}
