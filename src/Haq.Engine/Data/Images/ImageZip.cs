using System.IO.Compression;

namespace Haq.Engine.Data.Images;

/// <summary>Images in a zip file.</summary>
internal sealed class ImageZip : IImageFiles
{
    // Nothing that is decoded to an image or read as a list of labels is larger; what a zip says of a size is anybody's word.
    private const long MostBytes = 512L << 20;


    private readonly ZipArchive _zip;
    private readonly ZipArchiveEntry[] _entries;
    private readonly Lock _lock = new();

    /// <exception cref="InvalidDataException">It is no zip.</exception>
    public ImageZip(string path)
    {
        _zip = ZipFile.OpenRead(path);
        // macOS puts a shadow of every file into zips.
        _entries = [.. _zip.Entries.Where(e => ImageNames.IsImage(e.FullName) && !e.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal)).OrderBy(e => e.FullName, StringComparer.Ordinal)];
        Images = [.. _entries.Select(e => e.FullName)];
    }

    public IReadOnlyList<string> Images { get; }

    public byte[] Read(int image)
    {
        // A zip has one position; decoding, which takes the time, is outside.
        lock (_lock)
        {
            if (_entries[image].Length > MostBytes) throw new InvalidDataException($"'{_entries[image].FullName}' expands to {_entries[image].Length} bytes, as no image does");
            using var content = _entries[image].Open();
            byte[] bytes = new byte[_entries[image].Length];
            content.ReadExactly(bytes);
            return bytes;
        }
    }

    public string Stamp(int image) => FormattableString.Invariant($"{_entries[image].Length}/{_entries[image].Crc32}");

    public string? Text(string path)
    {
        if (_zip.GetEntry(path) is not { } entry) return null;
        if (entry.Length > MostBytes) throw new InvalidDataException($"'{path}' expands to {entry.Length} bytes, as no list does");
        using var reader = new StreamReader(entry.Open());
        return reader.ReadToEnd();
    }

    public void Dispose() => _zip.Dispose();
}
