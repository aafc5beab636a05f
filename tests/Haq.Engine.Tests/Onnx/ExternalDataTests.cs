using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Onnx;

public sealed class ExternalDataTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("haq-external").FullName;

    [Fact]
    public void Large_tensors_go_to_a_file_of_their_own_and_come_back()
    {
        var model = Model(out float[] weights);
        string path = Path.Combine(_folder, "m.onnx");
        model.Save(path, new ModelSaveOptions(ExternalData: true, MinExternalBytes: 64));
        Assert.Equal(["m.onnx", "m.onnx.data"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
        var loaded = OnnxModel.Load(path);
        Assert.True(ExternalData.Holds(loaded.Graph.Initializer[0]));
        Assert.False(ExternalData.Holds(loaded.Graph.Initializer[1]));
        Assert.Equal(weights, TensorData.ToFloats(loaded.Graph.Initializer[0], loaded.External));
        Assert.Equal(weights, new GraphView(loaded).Floats("w"));
        // The original was not touched.
        Assert.Equal(weights, TensorData.ToFloats(model.Graph.Initializer[0]));
    }

    [Fact]
    public void A_model_over_the_limit_gets_external_data_unasked()
    {
        var model = Model(out _);
        string path = Path.Combine(_folder, "m.onnx");
        model.Save(path, new ModelSaveOptions(MinExternalBytes: 64, MaxFileBytes: 100));
        Assert.True(ExternalData.Holds(OnnxModel.Load(path).Graph.Initializer[0]));
    }

    [Fact]
    public void External_data_moves_along_and_counts_by_content()
    {
        var model = Model(out float[] weights);
        string first = Path.Combine(_folder, "a.onnx"), second = Path.Combine(_folder, "sub", "b.onnx");
        model.Save(first, new ModelSaveOptions(ExternalData: true, MinExternalBytes: 64));
        var loaded = OnnxModel.Load(first);
        loaded.Save(second);
        loaded.Save(first); // over the file that it reads from
        var moved = OnnxModel.Load(second);
        Assert.Equal(weights, TensorData.ToFloats(moved.Graph.Initializer[0], moved.External));
        Assert.Equal(loaded.Digest(), moved.Digest());
        byte[] data = File.ReadAllBytes(second + ".data");
        data[^1] ^= 1;
        File.WriteAllBytes(second + ".data", data);
        Assert.NotEqual(loaded.Digest(), moved.Digest());
        Assert.Empty(Directory.GetFiles(_folder, "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public void Three_gigabytes_cost_no_memory()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("sparse files need a call of their own on Windows");
        // A sparse file of zeros: nothing on the disk, and whoever reads it whole has to ask for 3 GB.
        string path = Path.Combine(_folder, "big.onnx");
        var model = Model(out _);
        const long rows = 805_306_368; // times 4 bytes is 3 GiB
        using (var file = File.Create(Path.Combine(_folder, "big.bin"))) file.SetLength(4 * rows);
        var tensor = new TensorProto { Name = "huge", DataType = (int)DataType.Float, Dims = { rows } };
        Point(tensor, "big.bin", 0, 4 * rows);
        model.Graph.Initializer.Add(tensor);
        File.WriteAllBytes(path, model.ToBytes());
        long before = GC.GetAllocatedBytesForCurrentThread();
        var loaded = OnnxModel.Load(path);
        Assert.Equal(4 * rows, TensorData.ByteLength(loaded.Graph.Initializer[2]));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Theory]
    [InlineData("../secret.bin", "not inside")]
    [InlineData("/etc/passwd", "not a path inside")]
    [InlineData("missing.bin", "missing")]
    [InlineData("short.bin", "which has 10")]
    [InlineData("", "names no file")]
    public void Data_that_is_not_there_or_not_ours_is_an_error(string location, string expected)
    {
        File.WriteAllBytes(Path.Combine(_folder, "short.bin"), new byte[10]);
        var model = Model(out _);
        Point(model.Graph.Initializer[0], location, 0, 256);
        string path = Path.Combine(_folder, "m.onnx");
        File.WriteAllBytes(path, model.ToBytes());
        var error = Assert.Throws<HaqException>(() => OnnxModel.Load(path));
        Assert.Equal(DiagnosticCatalog.ExternalData, error.Diagnostic.Descriptor);
        Assert.Contains(expected, error.Message);
        Assert.Contains("'w'", error.Message);
    }

    [Fact]
    public void A_link_out_of_the_folder_is_refused()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("links need a privilege on Windows");
        string outside = Path.Combine(Path.GetTempPath(), $"haq-outside-{Environment.ProcessId}.bin");
        File.WriteAllBytes(outside, new byte[256]);
        File.CreateSymbolicLink(Path.Combine(_folder, "link.bin"), outside);
        var model = Model(out _);
        Point(model.Graph.Initializer[0], "link.bin", 0, 256);
        string path = Path.Combine(_folder, "m.onnx");
        File.WriteAllBytes(path, model.ToBytes());
        Assert.Contains("leads outside", Assert.Throws<HaqException>(() => OnnxModel.Load(path)).Message);
        File.Delete(outside);
    }

    [Fact]
    public void An_unwritable_target_leaves_nothing()
    {
        var model = Model(out _);
        string path = Path.Combine(_folder, "folder.onnx");
        Directory.CreateDirectory(path);
        var error = Assert.Throws<HaqException>(() => model.Save(path, new ModelSaveOptions(ExternalData: true)));
        Assert.Equal(DiagnosticCatalog.ModelNotWritten, error.Diagnostic.Descriptor);
        Assert.Empty(Directory.GetFiles(_folder, "*.tmp"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static OnnxModel Model(out float[] weights)
    {
        weights = [.. Enumerable.Range(0, 64).Select(i => i / 8f)];
        return TinyModel.Of(
            13, ("x", [1, 8]), [TensorData.Of("w", [8, 8], weights.AsSpan()), TensorData.Of("b", [8], new float[8].AsSpan())],
            OnnxNode.Of(OpNames.Gemm, ["x", "w", "b"], ["y"], "fc"));
    }

    private static void Point(TensorProto tensor, string location, long offset, long length) => ExternalData.Point(tensor, location, offset, length);
}
