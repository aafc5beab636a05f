using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Onnx;

public sealed class OnnxModelTests
{
    public static TheoryData<string> Files => RealModels.All;

    [Theory, MemberData(nameof(Files))]
    public void An_untouched_model_is_written_with_all_that_it_was_read_with(string file)
    {
        string path = Shared.File(file);
        byte[] written = OnnxModel.Load(path).ToBytes();
        Assert.True(WireContent.Of(File.ReadAllBytes(path), ModelProto.Descriptor).AsSpan().SequenceEqual(WireContent.Of(written, ModelProto.Descriptor)));
    }

    [Fact]
    public void A_missing_model_names_a_similar_one()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        File.WriteAllText(Path.Combine(folder, "mobilenet.onnx"), "");
        var error = Assert.Throws<HaqException>(() => OnnxModel.Load(Path.Combine(folder, "mobilnet.onnx")));
        Assert.Equal(DiagnosticCatalog.ModelNotFound, error.Diagnostic.Descriptor);
        Assert.Contains("'mobilenet.onnx'", error.Message);
        Directory.Delete(folder, recursive: true);
    }
}
