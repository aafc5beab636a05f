using Google.Protobuf;
using Google.Protobuf.Reflection;
using Haq.Engine.Graphs;

namespace Haq.Engine.Tests.Onnx;

/// <summary>
/// What a protobuf message says, read from the wire without the generated classes: writers differ in the order of fields, in packing lists, and in writing out values that equal the default;
/// none of that is content. Fields that the descriptor does not know count as they are.
/// </summary>
internal static class WireContent
{
    /// <summary>The same bytes for two messages with the same content.</summary>
    public static byte[] Of(byte[] message, MessageDescriptor descriptor)
    {
        var fields = new List<(int Number, byte[] Content)>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            int number = WireFormat.GetTagFieldNumber(tag);
            var type = WireFormat.GetTagWireType(tag);
            var field = descriptor.FindFieldByNumber(number);
            if (field is { IsRepeated: true } && type == WireFormat.WireType.LengthDelimited && Element(field.FieldType) is { } element)
            {
                var packed = new CodedInputStream(input.ReadBytes().ToByteArray());
                while (!packed.IsAtEnd) fields.Add((number, Value(packed, element, null)));
                continue;
            }
            byte[] value = Value(input, type, field?.FieldType == FieldType.Message ? field.MessageType : null);
            // Without presence, what equals the default and what is absent are one.
            if (field is null or { HasPresence: true } or { IsRepeated: true } || value.Any(b => b != 0)) fields.Add((number, value));
        }
        return [.. fields.OrderBy(f => f.Number).SelectMany(f => (byte[])[.. BitConverter.GetBytes(f.Number), .. BitConverter.GetBytes(f.Content.Length), .. f.Content])];
    }

    private static byte[] Value(CodedInputStream input, WireFormat.WireType type, MessageDescriptor? message) => type switch
    {
        WireFormat.WireType.Varint => BitConverter.GetBytes(input.ReadUInt64()),
        WireFormat.WireType.Fixed64 => BitConverter.GetBytes(input.ReadFixed64()),
        WireFormat.WireType.Fixed32 => BitConverter.GetBytes(input.ReadFixed32()),
        _ when message is not null => Of(input.ReadBytes().ToByteArray(), message),
        _ => input.ReadBytes().ToByteArray(),
    };

    private static WireFormat.WireType? Element(FieldType type) => type switch
    {
        FieldType.Float => WireFormat.WireType.Fixed32,
        FieldType.Double => WireFormat.WireType.Fixed64,
        FieldType.Int32 or FieldType.Int64 or FieldType.UInt64 or FieldType.Enum => WireFormat.WireType.Varint,
        _ => null,
    };
}
