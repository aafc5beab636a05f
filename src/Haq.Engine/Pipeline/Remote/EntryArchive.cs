using System.Formats.Tar;
using System.IO.Compression;

namespace Haq.Engine.Pipeline.Remote;

/// <summary>An entry's files as one compressed stream: tar, brotli. The same files give the same bytes, whoever has them and whenever they were written.</summary>
internal static class EntryArchive
{
    private const int MaxFiles = 10_000;

    // Names and what else stands before each file and fills it up to a block.
    private const long MaxHeaders = MaxFiles * 2048L;

    /// <summary>Writes all files below <paramref name="folder"/>.</summary>
    /// <returns>The size of the files.</returns>
    /// <exception cref="RemoteFailure">A file has a name that not all systems take.</exception>
    public static long Pack(string folder, Stream archive, CancellationToken cancellation)
    {
        long bytes = 0;
        using var compressed = new BrotliStream(archive, CompressionLevel.Optimal, leaveOpen: true);
        using var tar = new TarWriter(compressed, TarEntryFormat.Pax, leaveOpen: true);
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            bytes += file.Length;
            string name = Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');
            if (!name.Split('/').All(IsName)) throw Damaged($"cannot hold a file with the name '{name}'");
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
            {
                DataStream = file, ModificationTime = DateTimeOffset.UnixEpoch, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            });
        }
        return bytes;
    }

    /// <summary>Writes the files of an archive into <paramref name="folder"/>, which is empty: plain files with names below it, of <paramref name="bytes"/> altogether.</summary>
    /// <exception cref="RemoteFailure">The archive is damaged, or holds something else.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static void Unpack(Stream archive, string folder, long bytes, CancellationToken cancellation)
    {
        using var plain = new BoundedStream(new BrotliStream(archive, CompressionMode.Decompress, leaveOpen: true), bytes + MaxHeaders);
        using var tar = new TarReader(plain, leaveOpen: true);
        byte[] buffer = new byte[1 << 17];
        long left = bytes;
        for (int files = 0; Next(tar) is { } entry; files++)
        {
            if (files == MaxFiles) throw Damaged($"holds more than {MaxFiles} files");
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)) throw Damaged("holds something else than plain files");
            left -= entry.Length;
            if (left < 0) throw Damaged("holds more than it says");
            using var file = new FileStream(PlaceOf(entry.Name, folder), FileMode.CreateNew, FileAccess.Write, FileShare.None);
            Copy(entry, file, buffer, cancellation);
        }
        if (left != 0) throw Damaged("holds less than it says");
    }

    private static string PlaceOf(string name, string folder)
    {
        string[] parts = name.Split('/');
        if (!parts.All(IsName)) throw Damaged("holds a file with a name that leads elsewhere");
        string path = Path.Combine([folder, .. parts]);
        if (File.Exists(path) || Directory.Exists(path)) throw Damaged("holds two files of one name");
        for (int i = 1; i < parts.Length; i++) if (File.Exists(Path.Combine([folder, .. parts[..i]]))) throw Damaged("holds a file that is a folder as well");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    // Of one file or folder, on any system that may read the archive.
    private static bool IsName(string part) =>
        part.Length is > 0 and < 256 && part is not "." and not ".." && !part.Contains('\\') && !part.Any(char.IsControl) && part.IndexOfAny(Path.GetInvalidFileNameChars()) < 0;

    private static TarEntry? Next(TarReader tar)
    {
        try
        {
            return tar.GetNextEntry();
        }
        catch (Exception e) when (IsOfReading(e))
        {
            throw Damaged("cannot be read");
        }
    }

    private static void Copy(TarEntry entry, FileStream file, byte[] buffer, CancellationToken cancellation)
    {
        for (long left = entry.Length; left > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            int read = Read(entry.DataStream, buffer.AsSpan(0, (int)Math.Min(left, buffer.Length)));
            if (read == 0) throw Damaged("ends too early");
            file.Write(buffer.AsSpan(0, read));
            left -= read;
        }
    }

    private static int Read(Stream? data, Span<byte> buffer)
    {
        try
        {
            return data?.Read(buffer) ?? 0;
        }
        catch (Exception e) when (IsOfReading(e))
        {
            throw Damaged("cannot be read");
        }
    }

    // What reading something damaged comes to; a header may claim more than there is memory for.
    private static bool IsOfReading(Exception e) =>
        e is IOException or InvalidDataException or InvalidOperationException or ArgumentException or FormatException or NotSupportedException or OverflowException or OutOfMemoryException;

    private static RemoteFailure Damaged(string what) => new($"an archive {what}", RemoteTrouble.Damaged);
}
