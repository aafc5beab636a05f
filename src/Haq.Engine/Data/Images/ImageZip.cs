using System.IO.Compression;

namespace Haq.Engine.Data.Images;

/// <summary>Images in a zip file.</summary>
internal sealed class ImageZip : IImageFiles
{
    // Nothing that is decoded to an image or read as a list of labels is larger; what a zip says of a size is anybody's word.
    private const long MostBytes = 512L << 20;

    // Up to here a file may compress as well as it likes; beyond, better than this is made to fill memories.
    private const long Unsuspicious = 32L << 20;
    private const int MostRatio = 250;

    // Memory is taken as content comes: so much first, then twice as much.
    private const long FirstPiece = 1 << 20;

    private readonly ZipArchive _zip;
    private readonly long _size;
    private readonly ZipArchiveEntry[] _entries;
    private readonly Lock _lock = new();

    /// <exception cref="InvalidDataException">It is no zip.</exception>
    public ImageZip(string path)
    {
        _zip = ZipFile.OpenRead(path);
        _size = new FileInfo(path).Length;
        // macOS puts a shadow of every file into zips.
        _entries = [.. _zip.Entries.Where(e => ImageNames.IsImage(e.FullName) && !e.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal)).OrderBy(e => e.FullName, StringComparer.Ordinal)];
        Images = [.. _entries.Select(e => e.FullName)];
    }

    public IReadOnlyList<string> Images { get; }

    public byte[] Read(int image)
    {
        // A zip has one position; decoding, which takes the time, is outside.
        lock (_lock) return Content(_entries[image]);
    }

    public string Stamp(int image) => FormattableString.Invariant($"{_entries[image].Length}/{_entries[image].Crc32}");

    public string? Text(string path)
    {
        if (_zip.GetEntry(path) is not { } entry) return null;
        lock (_lock)
        {
            using var reader = new StreamReader(new MemoryStream(Content(entry)));
            return reader.ReadToEnd();
        }
    }

    public void Dispose() => _zip.Dispose();

    private byte[] Content(ZipArchiveEntry entry)
    {
        long most = Math.Min(MostBytes, Math.Max(Unsuspicious, MostRatio * Math.Min(entry.CompressedLength, _size)));
        if (entry.Length > most) throw new InvalidDataException($"'{entry.FullName}' expands to {entry.Length} bytes, as no image and no list does");
        using var content = entry.Open();
        byte[] bytes = new byte[Math.Min(entry.Length, FirstPiece)];
        content.ReadExactly(bytes);
        while (bytes.Length < entry.Length)
        {
            int filled = bytes.Length;
            Array.Resize(ref bytes, (int)Math.Min(entry.Length, 2L * filled));
            content.ReadExactly(bytes.AsSpan(filled));
        }
        return bytes;
    }
}
