using System.Buffers.Binary;
using System.IO.Compression;

namespace Haq.Engine.Tests.Data;

/// <summary>The smallest PNG files: 2 x 2 pixels of one grey.</summary>
internal static class TinyPng
{
    public static byte[] Of(int grey)
    {
        using var png = new MemoryStream();
        png.Write([0x89, .. "PNG\r\n\x1A\n"u8]);
        Chunk(png, "IHDR"u8, [0, 0, 0, 2, 0, 0, 0, 2, 8, 0, 0, 0, 0]);
        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Fastest, leaveOpen: true)) zlib.Write([0, (byte)grey, (byte)grey, 0, (byte)grey, (byte)grey]);
        Chunk(png, "IDAT"u8, pixels.ToArray());
        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static void Chunk(MemoryStream png, ReadOnlySpan<byte> kind, byte[] content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        png.Write(number);
        byte[] checkedBytes = [.. kind, .. content];
        png.Write(checkedBytes);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(checkedBytes));
        png.Write(number);
    }

    // CRC-32 of ISO 3309, as PNG and zip have it.
    private static uint Crc(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
