namespace Haq.Engine.Runtime;

/// <summary>Serialized protobuf messages of one type, which merge when they are joined.</summary>
internal static class MessagePieces
{
    /// <summary>One message of several, in one array of its size: a stream that grows would leave as much again behind.</summary>
    public static byte[] Join(IReadOnlyList<byte[]> pieces)
    {
        long length = pieces.Sum(p => (long)p.Length);
        if (length > Array.MaxLength) throw new IOException("a message of more than 2 GB");
        byte[] all = GC.AllocateUninitializedArray<byte>((int)length);
        int at = 0;
        foreach (byte[] piece in pieces)
        {
            piece.CopyTo(all, at);
            at += piece.Length;
        }
        return all;
    }
}
