using Google.Protobuf;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>A serialized model, or a part of one, whose large constants may be in files.</summary>
/// <param name="Bytes">The message.</param>
/// <param name="Folder">Where the files are; null for a message that refers to none.</param>
/// <param name="Kept">What keeps the files for as long as the message is used.</param>
internal sealed record ReferringMessage(byte[] Bytes, string? Folder = null, object? Kept = null)
{
    /// <summary>Bytes in files.</summary>
    public long OutsideBytes { get; private init; }

    /// <summary>Constants as a message that, joined to a model's, puts them in.</summary>
    /// <param name="constants">The constants; they are this message's then.</param>
    /// <param name="inFiles">Large ones go into files.</param>
    public static ReferringMessage Of(IReadOnlyCollection<TensorProto> constants, bool inFiles)
    {
        if (!inFiles) return new ReferringMessage(OpenConstants.Piece(constants).ToByteArray());
        ByteString[] kept = [.. constants.Select(MappedConstants.Keep).Select(MappedConstants.Refer).OfType<ByteString>()];
        return Of(OpenConstants.Piece(constants), kept);
    }

    /// <summary>A message that refers to the files of <paramref name="kept"/>, if any.</summary>
    public static ReferringMessage Of(ModelProto proto, IReadOnlyCollection<ByteString> kept) =>
        new(proto.ToByteArray(), kept.Count > 0 ? MappedBytes.Folder : null, kept) { OutsideBytes = kept.Sum(b => (long)b.Length) };

    /// <summary>One message of several, in one array of its size: a stream that grows would leave as much again behind. (Serialized messages of one type merge when they are joined.)</summary>
    public static ReferringMessage Join(IReadOnlyList<ReferringMessage> pieces)
    {
        long length = pieces.Sum(p => (long)p.Bytes.Length);
        if (length > Array.MaxLength) throw new IOException("a message of more than 2 GB");
        byte[] all = GC.AllocateUninitializedArray<byte>((int)length);
        int at = 0;
        foreach (var piece in pieces)
        {
            piece.Bytes.CopyTo(all, at);
            at += piece.Bytes.Length;
        }
        return new ReferringMessage(all, pieces.FirstOrDefault(p => p.Folder is not null)?.Folder, pieces) { OutsideBytes = pieces.Sum(p => p.OutsideBytes) };
    }
}
