using Haq.Engine.Data.Archives;
using Haq.Engine.Files;
using Haq.Engine.Yaml;
using Microsoft.Win32.SafeHandles;

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

    private readonly SafeFileHandle _file;
    private readonly long _size;
    private readonly NameList _images = new(ZipEntry.Bytes);
    private readonly NameList _others = new(ZipEntry.Bytes);

    /// <exception cref="InvalidDataException">It is no zip.</exception>
    public ImageZip(string path, ListingProgress? watch = null)
    {
        OrdinaryFile.Require(path);
        _file = File.OpenHandle(path);
        try
        {
            _size = RandomAccess.GetLength(_file);
            byte[] data = new byte[ZipEntry.Bytes];
            int listed = 0;
            foreach (var (name, entry) in ZipDirectory.Read(_file))
            {
                watch?.File(++listed);
                // macOS puts a shadow of every file into zips.
                if (name.EndsWith('/') || name.StartsWith("__MACOSX/", StringComparison.Ordinal)) continue;
                entry.Write(data);
                (ImageNames.IsImage(name) ? _images : _others).Add(name, data);
            }
            _images.Sort();
            _others.Sort();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public int Count => _images.Count;

    public string NameOf(int image) => _images[image];

    public byte[] Read(int image) => Content(_images, image);

    public string Stamp(int image)
    {
        var entry = Entry(_images, image);
        return FormattableString.Invariant($"{entry.Size}/{entry.Crc}");
    }

    public TextReader? Text(string path) => _others.IndexOf(path) is >= 0 and var number ? new StreamReader(new MemoryStream(Content(_others, number))) : null;

    public IEnumerable<(IImageFiles Files, FileReference Name, int First)> Parts(FileReference set) => [(this, set, 0)];

    public void Dispose() => _file.Dispose();

    private static ZipEntry Entry(NameList names, int index)
    {
        byte[] data = new byte[ZipEntry.Bytes];
        names.DataOf(index, data);
        return ZipEntry.Read(data);
    }

    private byte[] Content(NameList names, int index)
    {
        var entry = Entry(names, index);
        long most = Math.Min(MostBytes, Math.Max(Unsuspicious, MostRatio * Math.Min(entry.Packed, _size)));
        if (entry.Size > most) throw new InvalidDataException($"'{names[index]}' expands to {entry.Size} bytes, as no image and no list does");
        using var content = entry.Open(_file);
        byte[] bytes = new byte[Math.Min(entry.Size, FirstPiece)];
        content.ReadExactly(bytes);
        while (bytes.Length < entry.Size)
        {
            int filled = bytes.Length;
            Array.Resize(ref bytes, (int)Math.Min(entry.Size, 2L * filled));
            content.ReadExactly(bytes.AsSpan(filled));
        }
        return bytes;
    }
}
