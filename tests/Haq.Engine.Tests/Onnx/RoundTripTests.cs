using Google.Protobuf;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Onnx;

/// <summary>What the schema does not name is carried along: fields of newer ONNX versions, of other writers, and types without a name.</summary>
public sealed class RoundTripTests
{
    // A field number that ONNX does not use, of every wire type.
    private static readonly byte[] s_private = Wire(
        o => Varint(o, 1001, 42), o => Fixed64(o, 1002, 0x0123456789ABCDEF), o => Bytes(o, 1003, [1, 2, 3]), o => Fixed32(o, 1004, 0xCAFEBABE));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Unknown_fields_of_every_message_keep_their_bytes(bool external)
    {
        // ModelProto.configuration and NodeProto.device_configurations came with IR version 11.
        byte[] configuration = Wire(o => Bytes(o, 1, "two"u8.ToArray()), o => Varint(o, 2, 2));
        byte[] placed = Wire(o => Bytes(o, 1, "two"u8.ToArray()), o => Varint(o, 3, 1));
        var weight = With(new TensorProto { Name = "w", Dims = { 4 }, DataType = (int)DataType.Float, RawData = ByteString.CopyFrom(new byte[16]) }, s_private);
        var attribute = With(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = 1 }, s_private);
        var node = With(new NodeProto { OpType = "Add", Input = { "x", "w" }, Output = { "y" }, Attribute = { attribute } }, [.. Wire(o => Bytes(o, 10, placed)), .. s_private]);
        var graph = With(new GraphProto { Name = "g", Node = { node }, Initializer = { weight } }, s_private);
        graph.Input.Add(With(TinyModel.Value("x", 4), s_private));
        graph.Output.Add(TinyModel.Value("y", 4));
        var model = With(new ModelProto { IrVersion = 13, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 21 } } }, [.. Wire(o => Bytes(o, 26, configuration)), .. s_private]);
        byte[] original = model.ToByteArray();
        Assert.Equal(6, Count(original, s_private));

        string path = Path.Combine(Directory.CreateTempSubdirectory("haq-round-").FullName, "model.onnx");
        File.WriteAllBytes(path, original);
        string copy = Path.Combine(Path.GetDirectoryName(path)!, "copy.onnx");
        OnnxModel.Load(path).Save(copy, new ModelSaveOptions { ExternalData = external, MinExternalBytes = 1 });
        byte[] written = File.ReadAllBytes(copy);

        if (!external) Assert.Equal(original, written);
        Assert.Equal(6, Count(written, s_private));
        Assert.Equal(1, Count(written, placed));
        Assert.Equal(1, Count(written, configuration));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void Types_that_the_schema_has_no_name_for_keep_their_number_and_their_bytes()
    {
        DataType[] types = [NewerDataType.Float8E8M0, NewerDataType.Uint2, NewerDataType.Int2, DataType.Float4E2M1];
        int[] elements = [2, 8, 8, 4];
        var tensors = types.Zip(elements, (type, count) => new TensorProto { Name = $"t{(int)type}", Dims = { count }, DataType = (int)type, RawData = ByteString.CopyFrom(0x1B, 0x27) });
        var model = TinyModel.Of(21, ("x", [4]), tensors, OnnxNode.Of("Relu", ["x"], ["y"]));
        var read = OnnxModel.Parse(model.ToBytes(), "tiny.onnx", null).Proto.Graph.Initializer;
        Assert.Equal([24, 25, 26, 23], read.Select(t => t.DataType));
        Assert.All(read, t => Assert.Equal(new byte[] { 0x1B, 0x27 }, t.RawData.ToByteArray()));
    }

    [Fact]
    public void Lists_are_read_packed_and_unpacked()
    {
        // dims and ints one by one, as ONNX's own writers put them; this project's files have them packed, which every protobuf reader accepts.
        byte[] unpacked = Wire(o => Varint(o, 1, 2), o => Varint(o, 1, 3), o => Varint(o, 2, 1));
        byte[] packed = Wire(o => Bytes(o, 1, [2, 3]), o => Varint(o, 2, 1));
        Assert.Equal([2L, 3L], TensorProto.Parser.ParseFrom(unpacked).Dims);
        Assert.Equal(TensorProto.Parser.ParseFrom(packed), TensorProto.Parser.ParseFrom(unpacked));
    }

    private static T With<T>(T message, byte[] unknown) where T : IMessage<T>, new()
    {
        message.MergeFrom(unknown);
        return message;
    }

    private static byte[] Wire(params Action<CodedOutputStream>[] fields)
    {
        using var memory = new MemoryStream();
        using (var output = new CodedOutputStream(memory, leaveOpen: true)) foreach (var field in fields) field(output);
        return memory.ToArray();
    }

    private static void Varint(CodedOutputStream output, int field, ulong value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteUInt64(value);
    }

    private static void Fixed64(CodedOutputStream output, int field, ulong value)
    {
        output.WriteTag(field, WireFormat.WireType.Fixed64);
        output.WriteFixed64(value);
    }

    private static void Fixed32(CodedOutputStream output, int field, uint value)
    {
        output.WriteTag(field, WireFormat.WireType.Fixed32);
        output.WriteFixed32(value);
    }

    private static void Bytes(CodedOutputStream output, int field, byte[] value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(value));
    }

    private static int Count(ReadOnlySpan<byte> all, ReadOnlySpan<byte> part)
    {
        int count = 0;
        for (int at; (at = all.IndexOf(part)) >= 0; all = all[(at + part.Length)..]) count++;
        return count;
    }
}
