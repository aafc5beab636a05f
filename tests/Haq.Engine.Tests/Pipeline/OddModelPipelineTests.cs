using System.IO.Compression;
using Google.Protobuf;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Data;
using Onnx;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>Sound models with something that few have, from file to file.</summary>
public sealed class OddModelPipelineTests : IDisposable
{
    private const int Width = 8, Classes = 4, Samples = 48;

    private readonly TemporaryFolder _folder = new();
    private readonly SeededRandom _random = new(77);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void A_network_with_operators_of_another_domain_is_trained_at_that_domains_version(int version)
    {
        // Version 1 of LabelEncoder knows other attributes.
        var encoder = OnnxNode.Of("LabelEncoder", ["best"], ["label"], "encode", OpNames.MachineLearningDomain);
        encoder.Attribute.Add(new AttributeProto { Name = "keys_int64s", Type = AttributeProto.Types.AttributeType.Ints, Ints = { 0, 1, 2, 3 } });
        encoder.Attribute.Add(new AttributeProto { Name = "values_strings", Type = AttributeProto.Types.AttributeType.Strings, Strings = { new[] { "a", "b", "c", "d" }.Select(ByteString.CopyFromUtf8) } });
        var model = Classifier(OnnxNode.Of(OpNames.ArgMax, ["y"], ["best"], "pick").With("axis", 1L).With("keepdims", 0L), encoder);
        model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = OpNames.MachineLearningDomain, Version = version });
        model.Graph.Output.Add(new ValueInfoProto { Name = "label", Type = new TypeProto { TensorType = new() { ElemType = (int)DataType.String } } });
        model.Save(_folder["m.onnx"]);
        WriteData(("x", Width));
        var exported = Build("bits: {weights: 4, activations: 8}\nfinetune: {epochs: 1, batch: 16, loss: distillation}");
        Assert.Contains(exported.Proto.OpsetImport, i => i.Domain == OpNames.MachineLearningDomain && i.Version == version);
        Assert.Contains(exported.Graph.Node, n => n.OpType == "LabelEncoder");
    }

    [Fact]
    public void An_input_without_elements_is_said_by_its_shape_and_needs_no_data()
    {
        var model = TinyModel.Of(17, ("x", [-1, 1, Width]), [Reals("w", Width, Width), Reals("v", Width, Classes)],
            OnnxNode.Of(OpNames.Concat, ["past", "x"], ["all"], "join").With("axis", 1L), OnnxNode.Of(OpNames.MatMul, ["all", "w"], ["h"], "first"), OnnxNode.Of(OpNames.Relu, ["h"], ["r"], "relu"),
            OnnxNode.Of(OpNames.MatMul, ["r", "v"], ["y"], "second"));
        model.Graph.Input.Add(TinyModel.Value("past", -1, -2, Width));
        model.Save(_folder["m.onnx"]);
        WriteData(("x", Width));
        var exported = Build($"inputs: {{past: [1, 0, {Width}]}}\nbits: 8");
        Assert.Equal(["x", "past"], exported.Graph.Input.Select(i => i.Name));
        using var session = new OrtSession(exported);
        using var x = OrtTensor.Of<float>(new float[Width], 1, 1, Width);
        using var past = OrtTensor.Of<float>([], 1, 0, Width);
        using var y = session.Run(new Dictionary<string, OrtTensor> { ["x"] = x, ["past"] = past })[0];
        Assert.Equal([1, 1, Classes], y.Shape);
    }

    [Theory]
    [InlineData(DataType.Int4)]
    [InlineData(DataType.Uint4)]
    [InlineData(DataType.Float8E4M3Fn)]
    [InlineData(DataType.Float8E5M2)]
    public void An_output_of_a_type_that_no_tensor_of_ours_has_stays_as_it_is(DataType type)
    {
        var model = Classifier(OnnxNode.Of(OpNames.QuantizeLinear, ["y", "step"], ["small"], "shrink").With("output_dtype", (long)type));
        model.Graph.Initializer.Add(TensorData.Scalar("step", 0.5f));
        model.Graph.Output.Add(new ValueInfoProto { Name = "small", Type = new TypeProto { TensorType = new() { ElemType = (int)type } } });
        model.Save(_folder["m.onnx"]);
        WriteData(("x", Width));
        var exported = Build("bits: 8");
        Assert.Equal((int)type, exported.Graph.Output.Single(o => o.Name == "small").Type.TensorType.ElemType);
        Assert.Contains(exported.Graph.Node, n => n.OpType == OpNames.QuantizeLinear && n.Output[0] == "small");
    }

    [Fact]
    public void A_model_that_gives_nothing_else_is_told_what_to_do()
    {
        var model = Classifier(OnnxNode.Of(OpNames.QuantizeLinear, ["y", "step"], ["small"], "shrink").With("output_dtype", (long)DataType.Int4));
        model.Graph.Initializer.Add(TensorData.Scalar("step", 0.5f));
        (model.Graph.Output[0].Name, model.Graph.Output[0].Type.TensorType.ElemType) = ("small", (int)DataType.Int4);
        var error = Assert.Throws<HaqException>(() => new OrtSession(model)).Diagnostic;
        Assert.Equal("HAQ0310", error.Descriptor.Code);
        Assert.Contains("output 'small' is int4, and there is no other", error.Message, StringComparison.Ordinal);
        Assert.Contains("Add the tensor before its QuantizeLinear or Cast to the graph's outputs.", error.Message, StringComparison.Ordinal);
    }

    private OnnxModel Build(string lines)
    {
        File.WriteAllText(_folder["haq.yaml"], $"model: m.onnx\nhardware: bismo-edge\noutput: q.onnx\ndata: {{evaluation: data.npz}}\n{lines}\n");
        try
        {
            ManifestBuild.Run(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder["cache"])), null, CancellationToken.None);
        }
        catch (HaqException e)
        {
            Assert.Fail(e.Diagnostic.ToString());
        }
        return OnnxModel.Load(_folder["q.onnx"]);
    }

    private OnnxModel Classifier(params NodeProto[] behind)
    {
        var model = TinyModel.Of(21, ("x", [-1, Width]), [Reals("w", Width, Width), Reals("v", Width, Classes)],
            [OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["h"], "first"), OnnxNode.Of(OpNames.Relu, ["h"], ["r"], "relu"), OnnxNode.Of(OpNames.MatMul, ["r", "v"], ["y"], "second"), .. behind]);
        model.Graph.Output[0].Name = "y";
        return model;
    }

    private void WriteData(params (string Name, int Width)[] arrays)
    {
        File.WriteAllBytes(_folder["data.npz"], DataFixture.Zip(CompressionLevel.NoCompression, [.. arrays.Select(a => ($"{a.Name}.npy", Array(a.Width)))]));

        byte[] Array(int width) => DataFixture.Npy("<f4", $"{Samples}, {width}", DataFixture.Bytes(Normal(Samples * width)));
    }

    private float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)_random.NextNormal())];

    private TensorProto Reals(string name, params long[] shape) => TensorData.Of(name, shape, [.. Normal((int)shape.Aggregate(1L, (a, b) => a * b)).Select(v => v * 0.5f)]);
}
