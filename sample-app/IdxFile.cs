using System.Buffers.Binary;
using System.IO.Compression;

namespace SampleApp;

/// <summary>The file format of MNIST and its kin, compressed: two zeros, the element type (8: bytes), the number of dimensions, the dimensions, the bytes.</summary>
internal sealed class IdxFile
{
    private IdxFile(int[] shape, byte[] bytes)
    {
        Shape = shape;
        Bytes = bytes;
    }

    public int[] Shape { get; }

    public byte[] Bytes { get; }

    public static IdxFile Read(string path)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        Span<byte> head = stackalloc byte[4];
        stream.ReadExactly(head);
        if (head is not [0, 0, 8, > 0]) throw new InvalidDataException($"{path} is not an IDX file of bytes.");
        int[] shape = new int[head[3]];
        for (int i = 0; i < shape.Length; i++)
        {
            stream.ReadExactly(head);
            shape[i] = BinaryPrimitives.ReadInt32BigEndian(head);
        }
        byte[] bytes = new byte[shape.Aggregate(1, (product, length) => checked(product * length))];
        stream.ReadExactly(bytes);
        return new IdxFile(shape, bytes);
    }
}
