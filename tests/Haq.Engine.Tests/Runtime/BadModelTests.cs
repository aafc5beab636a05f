using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Runtime;

/// <summary>Files that are no models: one clear line, whatever is in them.</summary>
public sealed class BadModelTests
{
    [Theory]
    [InlineData("sample/fashion-mobilenet.onnx", 40)]
    [InlineData("models/mnist-8.onnx", 60)]
    [InlineData("zoo/snips_qtdnn_qlinearconv.onnx", 300)]
    [InlineData("zoo/cntk_lstm_bidirectional.onnx", 300)]
    public void A_truncated_model_is_an_error_or_a_smaller_model(string file, int cuts)
    {
        byte[] bytes = File.ReadAllBytes(Shared.File(file));
        var random = new SeededRandom(1);
        for (int i = 0; i < cuts; i++) OnlyHaqExceptions(bytes.AsSpan(0, random.Next(bytes.Length)).ToArray());
    }

    [Theory]
    [InlineData("models/mnist-8.onnx", 150)]
    [InlineData("zoo/snips_qtdnn_qlinearconv.onnx", 300)]
    [InlineData("zoo/cntk_lstm_bidirectional.onnx", 300)]
    [InlineData("zoo/mlnet_lr_multiclass.onnx", 300)]
    [InlineData("zoo/openwakeword_melspectrogram.onnx", 60)]
    public void Flipped_bytes_never_escape_as_anything_else(string file, int flips)
    {
        byte[] bytes = File.ReadAllBytes(Shared.File(file));
        // The structure is where damage tells; most of a large file is weights.
        int structure = Math.Min(bytes.Length, 4096);
        var random = new SeededRandom(2);
        for (int i = 0; i < flips; i++)
        {
            byte[] damaged = [.. bytes];
            for (int n = random.Next(4); n >= 0; n--) damaged[random.Next(structure)] = (byte)random.Next(256);
            OnlyHaqExceptions(damaged);
        }
    }

    [Fact]
    public void Foreign_files_are_named_for_what_they_are()
    {
        Assert.Contains("ZIP archive", Refused([.. "PK\x03\x04"u8, .. new byte[40]]).Message);
        Assert.Contains("TensorFlow Lite", Refused([0x1C, 0, 0, 0, .. "TFL3"u8, .. new byte[40]]).Message);
        Assert.Contains("HDF5", Refused([0x89, .. "HDF\r\n"u8, .. new byte[40]]).Message);
        Assert.Contains("git lfs pull", Refused("version https://git-lfs.github.com/spec/v1"u8.ToArray()).Message);
        Assert.Contains("empty", Refused([]).Message);
    }

    [Fact]
    public void Graphs_that_contradict_themselves_are_refused()
    {
        Contradicts(m => m.Graph.Node.Clear(), DiagnosticCatalog.EmptyGraph, "no nodes");
        Contradicts(m => m.Graph.Output.Clear(), DiagnosticCatalog.EmptyGraph, "no outputs");
        Contradicts(m => m.Graph.Node[0].Input[0] = "nowhere", DiagnosticCatalog.InvalidGraph, "'nowhere'");
        Contradicts(m => m.Graph.Node[0].Input[0] = "y", DiagnosticCatalog.InvalidGraph, "cycle");
        Contradicts(m => m.Graph.Node.Add(OnnxNode.Of("Relu", ["x"], ["y"], "b")), DiagnosticCatalog.InvalidGraph, "both");
        Contradicts(m => m.Graph.Output[0].Name = "z", DiagnosticCatalog.InvalidGraph, "'z'");
        Contradicts(m => m.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, Dims = { 3 }, FloatData = { 1 } }), DiagnosticCatalog.InvalidGraph, "'w'");
        Contradicts(m => m.OpsetImport[0].Version = 6, DiagnosticCatalog.UnsupportedOpset, "7");
        Contradicts(m => m.OpsetImport[0].Version = 99, DiagnosticCatalog.UnsupportedOpset, "26");
        Contradicts(m => m.OpsetImport.Clear(), DiagnosticCatalog.UnsupportedOpset, "operator set");
    }

    private static void Contradicts(Action<ModelProto> damage, DiagnosticDescriptor kind, string expected)
    {
        var model = TinyModel.Of(13, ("x", [4]), [], OnnxNode.Of("Relu", ["x"], ["y"], "a"));
        damage(model.Proto);
        var error = Refused(model.ToBytes());
        Assert.Equal(kind, error.Diagnostic.Descriptor);
        Assert.Contains(expected, error.Message);
        Assert.DoesNotContain('\n', error.Diagnostic.ToString());
    }

    private static HaqException Refused(byte[] bytes) => Assert.Throws<HaqException>(() => OnnxModel.Parse(bytes, "bad.onnx"));

    /// <summary>Everything up to the layers; a session is not made of damaged models, as native code makes no promise about those.</summary>
    private static void OnlyHaqExceptions(byte[] bytes)
    {
        try
        {
            var model = OnnxModel.Parse(bytes, "damaged.onnx");
            var view = new GraphView(model);
            var survey = LayerFinder.Find(view, ShapeInference.Infer(view));
            _ = OpsetUpgrade.Raise(model, 21);
            survey.RequireLayers();
        }
        catch (HaqException e)
        {
            Assert.DoesNotContain('\n', e.Diagnostic.ToString());
        }
    }
}
