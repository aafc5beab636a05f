using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;

namespace Haq.Engine.Tests.Onnx;

public sealed class OnnxModelTests
{
    public static TheoryData<string> Files => RealModels.All;

    [Theory, MemberData(nameof(Files))]
    public void An_untouched_model_is_written_with_the_bytes_it_was_read_from(string file)
    {
        string path = Shared.File(file);
        byte[] original = File.ReadAllBytes(path);
        var model = OnnxModel.Load(path);
        byte[] written = model.ToBytes();
        // Writers differ in the order of fields and in packing; what must be equal is the content, and the length shows that nothing was dropped or added.
        Assert.Equal(model.Proto, OnnxModel.Parse(written, file, model.External.Folder).Proto);
        Assert.InRange(written.Length, original.Length * 0.97 - 64, original.Length * 1.03 + 64);
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
