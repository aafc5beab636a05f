using System.Buffers.Binary;

namespace Haq.Engine.Data.Images;

/// <summary>What a JPEG or PNG file says about itself, without decoding: whether it is one, its size, and whether its end is there.</summary>
/// <remarks>ITU-T T.81 (JPEG), annex B; PNG (third edition), sections 5 and 11. Decoders fill the missing part of a truncated file with grey: that must not count as an image.</remarks>
internal static class ImageHeader
{
    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Why the file is no complete image, or null; then also its height and width.</summary>
    public static string? Problem(ReadOnlySpan<byte> file, out int height, out int width)
    {
        (height, width) = (0, 0);
        if (file.Length == 0) return "it is empty";
        if (file.StartsWith(PngSignature)) return Png(file, out height, out width);
        return file is [0xFF, 0xD8, ..] ? Jpeg(file, out height, out width) : "it is neither JPEG nor PNG";
    }

    private static string? Png(ReadOnlySpan<byte> file, out int height, out int width)
    {
        (height, width) = (0, 0);
        if (file.Length < 33) return "it is truncated";
        width = BinaryPrimitives.ReadInt32BigEndian(file[16..]);
        height = BinaryPrimitives.ReadInt32BigEndian(file[20..]);
        if (height <= 0 || width <= 0) return "its size is not positive";
        // Chunks: length, name, content, checksum.
        for (long at = 8; at + 12 <= file.Length;)
        {
            var chunk = file[(int)at..];
            if (chunk[4..8].SequenceEqual("IEND"u8)) return null;
            uint length = BinaryPrimitives.ReadUInt32BigEndian(chunk);
            at += 12L + length;
        }
        return "it is truncated";
    }

    private static string? Jpeg(ReadOnlySpan<byte> file, out int height, out int width)
    {
        (height, width) = (0, 0);
        int at = 2;
        while (at + 4 <= file.Length)
        {
            if (file[at] != 0xFF) return "its segments are damaged";
            byte marker = file[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }
            int length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            bool isFrame = marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
            if (isFrame && at + 9 <= file.Length)
            {
                height = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 5)..]);
                width = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 7)..]);
            }
            at += 2 + length;
            if (marker != 0xDA) continue;
            if (height == 0 || width == 0) return "its size is not positive";
            // After the start of the scan only the end-of-image marker is FF D9: thumbnails with one of their own stand before.
            return at < file.Length && file[at..].LastIndexOf([(byte)0xFF, (byte)0xD9]) >= 0 ? null : "it is truncated";
        }
        return "it is truncated";
    }
}
