using Google.Protobuf;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>
/// Keeps a model's large constants in files, whoever made them: several forms of one network are held at once, and few of their weights are looked at at a time.
/// Nothing else changes; a tensor still has its bytes in itself.
/// </summary>
internal static class MappedConstants
{
    // A file for fewer bytes is not worth its while.
    private const int Worth = 1 << 18;

    /// <summary>Moves what is in memory, but for what is in typed lists: a model that is read and written stays what it was.</summary>
    public static OnnxModel KeepPacked(OnnxModel model)
    {
        foreach (var tensor in model.Graph.Initializer) if (tensor.RawData.Length > 0) Keep(tensor);
        return model;
    }

    /// <summary>Moves what is in memory. What was in typed lists, of which every copy of a message has its own, is in packed form then.</summary>
    public static OnnxModel Keep(OnnxModel model)
    {
        foreach (var tensor in model.Graph.Initializer) Keep(tensor);
        return model;
    }

    /// <summary>The same for one tensor.</summary>
    public static TensorProto Keep(TensorProto tensor)
    {
        if (ExternalData.Holds(tensor) || TensorData.ByteLength(tensor) is not (>= Worth and <= int.MaxValue) || IsMapped(tensor)) return tensor;
        if (MappedBytes.Store(TensorData.Bytes(tensor).Span) is not { } mapped) return tensor;
        TypedFields.Clear(tensor);
        tensor.RawData = UnsafeByteOperations.UnsafeWrap(mapped.Memory);
        return tensor;
    }

    /// <summary>
    /// The model as a message that refers to the files in place of holding their bytes, for a session; null where it has none, or refers to others already, which would have to be in
    /// one folder.
    /// </summary>
    public static ReferringMessage? Refer(OnnxModel model)
    {
        if (!model.Graph.Initializer.Any(IsMapped) || HasOtherFiles(model)) return null;
        var proto = model.Proto.Clone();
        return ReferringMessage.Of(proto, [.. proto.Graph.Initializer.Select(Refer).OfType<ByteString>()]);
    }

    /// <summary>The model's own file says that constants are in other files.</summary>
    public static bool HasOtherFiles(OnnxModel model) => model.Tensors().Any(ExternalData.Holds);

    /// <summary>Has a tensor refer to its file.</summary>
    /// <returns>What keeps the file; null where there is none.</returns>
    public static ByteString? Refer(TensorProto tensor)
    {
        var bytes = tensor.RawData;
        if (MappedBytes.Of(bytes.Memory) is not { } mapped) return null;
        ExternalData.Point(tensor, mapped.File, 0, bytes.Length);
        return bytes;
    }

    private static bool IsMapped(TensorProto tensor) => MappedBytes.Of(tensor.RawData.Memory) is not null;
}
