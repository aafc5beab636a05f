using System.Diagnostics;
using Haq.Engine.Data.Images;
using Haq.Engine.Data.Sources;
using Haq.Engine.Diagnostics;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Yaml;
using Onnx;

namespace Haq.Engine.Tests.Fuzz;

/// <summary>Inputs that nobody makes by accident, each with its answer.</summary>
public sealed class OddInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(new[] { long.MaxValue })]
    [InlineData(new[] { 1L << 32, 1L << 31 })]
    [InlineData(new[] { -1L, 4L })]
    public void A_tensor_of_more_elements_than_there_are_bytes_is_refused(long[] shape)
    {
        var tensor = new TensorProto { Name = "w", DataType = (int)DataType.Float, RawData = Google.Protobuf.ByteString.CopyFrom(new byte[16]) };
        tensor.Dims.Add(shape);
        Refused("HAQ0305", () => OnnxModel.Parse(TinyModel.Of(13, ("x", [1, 4]), [tensor], OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["y"], "n")).ToBytes(), "m.onnx"));
    }

    [Theory]
    [InlineData("group", 0L)]
    [InlineData("group", -2L)]
    [InlineData("group", long.MaxValue)]
    public void A_layer_whose_attributes_cannot_be_is_refused_by_name(string attribute, long value)
    {
        var weights = TensorData.Of("w", [3, 3, 1, 1], new float[9]);
        var model = TinyModel.Of(13, ("x", [1, 3, 2, 2]), [weights], OnnxNode.Of(OpNames.Conv, ["x", "w"], ["y"], "stem").With(attribute, value));
        var view = new GraphView(model);
        Assert.Contains("'stem' (Conv) cannot be", Refused("HAQ0305", () => LayerFinder.Find(view, ShapeInference.Infer(view))), StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_that_read_each_other_are_refused_by_name()
    {
        var model = TinyModel.Of(13, ("x", [4]), [], OnnxNode.Of(OpNames.Add, ["x", "b"], ["a"], "first"), OnnxNode.Of(OpNames.Relu, ["a"], ["b"], "second"));
        Assert.Contains("cycle", Refused("HAQ0305", () => OnnxModel.Parse(model.ToBytes(), "m.onnx")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_makes_nothing_is_refused_by_name()
    {
        var model = TinyModel.Of(13, ("x", [1, 4]), [], OnnxNode.Of(OpNames.Relu, ["x"], ["y"], "last"));
        model.Graph.Node.Insert(0, OnnxNode.Of(OpNames.Conv, ["x", "x"], [], "idle"));
        Assert.Contains("'idle' (Conv) makes nothing", Refused("HAQ0305", () => OnnxModel.Parse(model.ToBytes(), "m.onnx")), StringComparison.Ordinal);
    }

    [Fact]
    public void Bodies_within_bodies_without_end_are_refused()
    {
        var inner = TinyModel.Of(13, ("x", [4]), [], OnnxNode.Of(OpNames.Relu, ["x"], ["y"], "n")).Graph;
        for (int depth = 0; depth < 200; depth++)
        {
            var node = OnnxNode.Of("If", ["x"], ["y"], "if");
            node.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = inner });
            inner = TinyModel.Of(13, ("x", [4]), [], node).Graph;
        }
        byte[] bytes = Google.Protobuf.MessageExtensions.ToByteArray(new ModelProto { IrVersion = 8, Graph = inner, OpsetImport = { new OperatorSetIdProto { Version = 13 } } });
        Refused("HAQ0302", () => OnnxModel.Parse(bytes, "m.onnx"));
    }

    [Fact]
    public void Functions_that_double_at_every_level_are_refused_before_they_fill_the_memory()
    {
        var model = TinyModel.Of(13, ("x", [4]), [], OnnxNode.Of("F0", ["x"], ["y"], "call", "own"));
        model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        for (int level = 0; level < 40; level++)
        {
            var function = new FunctionProto { Name = $"F{level}", Domain = "own", Input = { "a" }, Output = { "c" } };
            function.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
            function.Node.Add(OnnxNode.Of($"F{level + 1}", ["a"], ["b"], "left", "own"));
            function.Node.Add(OnnxNode.Of($"F{level + 1}", ["b"], ["c"], "right", "own"));
            model.Proto.Functions.Add(function);
        }
        Assert.Contains("written out", Refused("HAQ0305", () => FunctionInlining.Apply(model)), StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_nested_without_end_are_refused_with_their_place()
    {
        string text = "a: " + new string('[', 100_000);
        Assert.Contains("nested", Refused("HAQ0001", () => YamlReader.Parse("haq.yaml", text)), StringComparison.Ordinal);
        Refused("HAQ0001", () => YamlReader.Parse("haq.yaml", "a: &x [1]\nb: *x\n"));
    }

    [Fact]
    public void A_message_stays_one_legible_line_whatever_names_are_in_it()
    {
        string name = "conv\n/x/y.cs(1,1): error CS0000: made up\u001b[2J\u202e" + new string('n', 1 << 20);
        string line = DiagnosticCatalog.InvalidGraph.Error("m.onnx", $"node '{name}' is odd. Export it again.").Diagnostic.ToString();
        Assert.InRange(line.Length, 1, 5000);
        Assert.DoesNotContain(line, c => char.IsControl(c) || c == '\u202e');
        Assert.StartsWith("m.onnx: error HAQ0305: node 'conv", line, StringComparison.Ordinal);
        Assert.EndsWith("Export it again.", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_or_device_in_place_of_a_file_is_refused_at_once()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("pipes and devices are told by Linux's statx");
        string pipe = _folder["pipe"];
        using (var make = Process.Start("mkfifo", pipe)) make.WaitForExit();
        foreach (string path in (string[])[pipe, "/dev/zero"])
        {
            Refused("HAQ0006", () => ManifestReader.Read(path));
            Refused("HAQ0301", () => OnnxModel.Load(path));
            Refused("HAQ0101", () => ByteStore.Open(new FileReference(path, path, new SourceLocation("haq.yaml", 1, 1))));
        }
    }

    [Fact]
    public void Folders_that_link_to_themselves_are_walked_once()
    {
        Directory.CreateDirectory(_folder["images/cat"]);
        File.WriteAllBytes(_folder["images/cat/1.png"], [1]);
        Directory.CreateSymbolicLink(_folder["images/cat/again"], _folder["images"]);
        Directory.CreateSymbolicLink(_folder["images/once more"], _folder["images"]);
        using var images = new ImageFolder(_folder["images"]);
        Assert.Equal(["cat/1.png"], Enumerable.Range(0, images.Count).Select(images.NameOf));
    }

    [Fact]
    public void Content_without_end_is_read_up_to_a_bound()
    {
        Assert.Throws<NotSupportedException>(() => ByteStore.Keep(new Endless(), most: 1 << 20));
        var file = new FileReference("x.gz", "x.gz", new SourceLocation("haq.yaml", 1, 1));
        using var kept = ByteStore.Inflate(new MemoryStream(new byte[1000]), file, "x.gz", compressed: 10);
        Assert.Equal(1000, kept.Length);
    }

    [Fact]
    public void A_model_and_its_data_may_be_links_into_a_folder_of_blobs_and_nowhere_else()
    {
        Directory.CreateDirectory(_folder["blobs"]);
        Directory.CreateDirectory(_folder["snapshots/1"]);
        var weights = new TensorProto { Name = "w", DataType = (int)DataType.Float, Dims = { 4, 4 } };
        ExternalData.Point(weights, "model.onnx_data", 0, 64);
        var model = TinyModel.Of(13, ("x", [1, 4]), [weights], OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["y"], "n"));
        File.WriteAllBytes(_folder["blobs/aa"], model.ToBytes());
        File.WriteAllBytes(_folder["blobs/bb"], new byte[64]);
        File.WriteAllBytes(_folder["elsewhere"], new byte[64]);
        string path = _folder["snapshots/1/model.onnx"], data = _folder["snapshots/1/model.onnx_data"];
        File.CreateSymbolicLink(path, "../../blobs/aa");
        File.CreateSymbolicLink(data, "../../blobs/bb");
        var loaded = OnnxModel.Load(path);
        Assert.Equal(64, loaded.External.Read(loaded.Graph.Initializer[0]).Length);
        File.Delete(data);
        File.CreateSymbolicLink(data, "../../elsewhere");
        Refused("HAQ0304", () => OnnxModel.Load(path));
    }

    private static string Refused(string code, Action read)
    {
        var error = Assert.Throws<HaqException>(read).Diagnostic;
        Assert.Equal(code, error.Descriptor.Code);
        return error.Message;
    }

    private sealed class Endless : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => count;
    }
}
