using System.Buffers.Binary;
using System.IO.Compression;

namespace Haq.Benchmarks.Strategies;

/// <summary>The test images of Fashion-MNIST that are not among the sample's: what no search can have seen.</summary>
internal static class FashionImages
{
    private const int ImageHeader = 16, LabelHeader = 8, Pixels = 28 * 28;

    /// <summary>Writes both IDX files into <paramref name="folder"/>; returns their paths.</summary>
    public static (string Images, string Labels) Unseen(string sample, string fashion, string folder)
    {
        var seen = Images(Read(Path.Combine(sample, "evaluation-images-idx3-ubyte.gz"))).ToHashSet(StringComparer.Ordinal);
        byte[] images = Read(Path.Combine(fashion, "t10k-images-idx3-ubyte.gz")), labels = Read(Path.Combine(fashion, "t10k-labels-idx1-ubyte.gz"));
        int[] kept = [.. Images(images).Select((image, i) => (image, i)).Where(p => !seen.Contains(p.image)).Select(p => p.i)];
        return (Write("unseen-images-idx3-ubyte", images, ImageHeader, Pixels), Write("unseen-labels-idx1-ubyte", labels, LabelHeader, 1));

        string Write(string name, byte[] source, int header, int size)
        {
            byte[] content = [.. source.AsSpan(0, header), .. kept.SelectMany(i => source.AsSpan(header + i * size, size).ToArray())];
            BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(4), kept.Length);
            string path = Path.Combine(folder, name);
            File.WriteAllBytes(path, content);
            return path;
        }
    }

    private static IEnumerable<string> Images(byte[] idx)
    {
        for (int at = ImageHeader; at < idx.Length; at += Pixels) yield return Convert.ToBase64String(idx, at, Pixels);
    }

    private static byte[] Read(string path)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
