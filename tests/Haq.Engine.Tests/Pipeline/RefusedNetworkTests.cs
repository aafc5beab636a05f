using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;
using Onnx;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>Networks that ONNX Runtime cannot run in float, on the target that has to run them: its message, the node, and nothing is written.</summary>
public sealed class RefusedNetworkTests : IDisposable
{
    private const int Width = 16;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("unknown operator", "HAQ0310", "com.example:Doubly", "node 'doubling'")]
    [InlineData("no kernel", "HAQ0310", "Could not find an implementation for Softsign", "'doubling'")]
    [InlineData("wrong attribute", "HAQ0310", "doubling", "axis")]
    [InlineData("fails in a run", "HAQ0311", "doubling", "Reshape")]
    public void The_message_names_the_node(string fault, string code, params string[] said)
    {
        Model(fault).Save(_folder["m.onnx"]);
        float[] data = [.. Enumerable.Range(0, 40 * Width).Select(i => MathF.Sin(i))];
        File.WriteAllBytes(_folder["data.bin"], [.. data.SelectMany(BitConverter.GetBytes)]);
        File.WriteAllText(_folder["haq.yaml"], $$"""
            model: m.onnx
            output: q.onnx
            hardware: {name: onnxruntime, threads: 1}
            objective: latency
            budget: {accuracy-drop: 1 %}
            metric: cosine
            data:
              evaluation: {path: data.bin, format: raw, dtype: float32, shape: [{{Width}}] }

            """);
        var error = Assert.Throws<HaqException>(() => ManifestBuild.Run(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder["cache"])), null, CancellationToken.None)).Diagnostic;
        Assert.Equal(code, error.Descriptor.Code);
        Assert.All(said, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', error.Message);
        Assert.False(File.Exists(_folder["q.onnx"]));
        Assert.False(File.Exists(_folder["haq.lock.json"]));
    }

    private static OnnxModel Model(string fault)
    {
        NodeProto[] behind = fault switch
        {
            "unknown operator" => [OnnxNode.Of("Doubly", ["h"], ["y"], "doubling", "com.example")],
            // Softsign is defined for double, and no processor kernel has it.
            "no kernel" => [OnnxNode.Of(OpNames.Cast, ["h"], ["n"], "widen").With("to", (long)DataType.Double), OnnxNode.Of(OpNames.Softsign, ["n"], ["s"], "doubling"),
                OnnxNode.Of(OpNames.Cast, ["s"], ["y"], "narrow").With("to", (long)DataType.Float)],
            "wrong attribute" => [OnnxNode.Of(OpNames.Softmax, ["h"], ["y"], "doubling").With("axis", 7L)],
            _ => [OnnxNode.Of(OpNames.Reshape, ["h", "shape"], ["y"], "doubling")],
        };
        var model = TinyModel.Of(21, ("x", [-1, Width]),
            [TensorData.Of("w", [Width, Width], [.. Enumerable.Range(0, Width * Width).Select(i => MathF.Cos(i) / 4)]), TensorData.Of("shape", [2], [-1L, 7L])],
            [OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["h"], "layer"), .. behind]);
        if (fault == "unknown operator") model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.example", Version = 1 });
        return model;
    }
}
