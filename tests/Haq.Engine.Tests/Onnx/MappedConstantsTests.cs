using System.Runtime.CompilerServices;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Tests.Onnx;

/// <summary>Large constants lie in files, and nobody who reads them can tell.</summary>
public sealed class MappedConstantsTests
{
    private const int Rows = 512, Columns = 256;

    [Fact]
    public void A_model_that_is_read_has_its_large_constants_in_files_and_the_same_content()
    {
        var model = Product();
        var read = OnnxModel.Parse(model.ToBytes(), "m");
        Assert.NotNull(MappedBytes.Of(read.Graph.Initializer[0].RawData.Memory));
        Assert.Null(MappedBytes.Of(read.Graph.Initializer[1].RawData.Memory));
        Assert.Equal(model.Proto, read.Proto);
        Assert.Equal(model.Digest(), read.Digest());
        Assert.Equal(model.ToBytes(), read.ToBytes());
        Assert.Equal(TensorData.ToFloats(model.Graph.Initializer[0]), TensorData.ToFloats(read.Graph.Initializer[0]));
    }

    [Fact]
    public void Looked_at_again_after_it_was_given_back_it_is_the_same()
    {
        var mapped = MappedBytes.Store(Enumerable.Range(0, 1 << 20).Select(i => (byte)(i * 7)).ToArray())!;
        byte[] first = mapped.Memory.ToArray();
        MappedBytes.Release();
        Assert.Equal(first, mapped.Memory.ToArray());
        Assert.Equal((byte)7, first[1]);
        Assert.Equal(File.ReadAllBytes(Path.Combine(MappedBytes.Folder, mapped.File)), first);
    }

    [Fact]
    public void Typed_lists_are_packed_and_hold_no_room()
    {
        var model = Product();
        var tensor = model.Graph.Initializer[0];
        float[] values = TensorData.ToFloats(tensor);
        tensor.RawData = Google.Protobuf.ByteString.Empty;
        tensor.FloatData.Add(values);
        byte[] written = model.ToBytes();
        Assert.Equal(written, OnnxModel.Parse(written, "m").ToBytes());
        MappedConstants.Keep(model);
        Assert.Equal(0, tensor.FloatData.Capacity);
        Assert.Equal(values, TensorData.ToFloats(tensor));
        Assert.NotNull(MappedBytes.Of(tensor.RawData.Memory));
    }

    [Fact]
    public void A_session_reads_the_files_and_computes_the_same()
    {
        var model = Product();
        byte[] expected = Run(model);
        var kept = MappedConstants.Keep(model.Clone());
        var message = MappedConstants.Refer(kept)!;
        Assert.True(message.Bytes.Length < 4096);
        Assert.Equal(expected, Run(kept));
        // The model itself still holds its bytes.
        Assert.Equal(model.ToBytes(), kept.ToBytes());
        Assert.Null(MappedConstants.Refer(model));
    }

    [Fact]
    public void Joined_to_a_message_constants_in_files_are_read_there()
    {
        var model = Product();
        byte[] expected = Run(model);
        var constants = model.Graph.Initializer.ToArray();
        model.Graph.Initializer.Clear();
        var whole = ReferringMessage.Join([new ReferringMessage(model.ToBytes()), ReferringMessage.Of(constants, inFiles: true)]);
        Assert.Equal((long)sizeof(float) * Rows * Columns, whole.OutsideBytes);
        Assert.True(whole.Bytes.Length < 4096);
        using var session = new OrtSession(whole, "m", null, null);
        Assert.Equal(expected, Run(session));
    }

    [Fact]
    public void What_is_saved_is_one_file_as_before()
    {
        string folder = Directory.CreateTempSubdirectory("haq-mapped").FullName, path = Path.Combine(folder, "m.onnx");
        MappedConstants.Keep(Product()).Save(path);
        Assert.Equal(["m.onnx"], Directory.GetFiles(folder).Select(Path.GetFileName));
        Assert.Equal(Product().ToBytes(), File.ReadAllBytes(path));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_file_goes_when_nothing_refers_to_it()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows deletes no file that is mapped; it goes with the folder");
        string path = Left();
        Assert.True(File.Exists(path));
        for (int i = 0; i < 10 && File.Exists(path); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(File.Exists(path));
    }

    // In a method of its own, so that no register holds it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string Left() => Path.Combine(MappedBytes.Folder, MappedBytes.Store(new byte[1 << 16], TimeSpan.Zero)!.File);

    private static byte[] Run(OnnxModel model)
    {
        using var session = new OrtSession(model);
        return Run(session);
    }

    private static byte[] Run(OrtSession session)
    {
        using var x = OrtTensor.Of<float>([.. Enumerable.Range(0, 2 * Rows).Select(i => MathF.Sin(i))], [2, Rows]);
        using var y = session.Run(new Dictionary<string, OrtTensor> { ["x"] = x })[0];
        return y.Bytes.ToArray();
    }

    private static OnnxModel Product()
    {
        var builder = new ModelBuilder("product", 17);
        builder.Input("x", DataType.Float, [2, Rows]);
        builder.Constant(TensorData.Of("w", [Rows, Columns], [.. Enumerable.Range(0, Rows * Columns).Select(i => MathF.Cos(i))]));
        builder.Constant(TensorData.Of("b", [Columns], [.. Enumerable.Range(0, Columns).Select(i => i / 8f)]));
        builder.Node(OnnxNode.Of("MatMul", ["x", "w"], ["p"], "product")).Node(OnnxNode.Of("Add", ["p", "b"], ["y"], "sum"));
        builder.Output("y", DataType.Float, [2, Columns]);
        return builder.Build();
    }
}
