using System;
using System.IO;

namespace Haq.Build.Protocol;

/// <summary>
/// How a file or folder looks without reading it, compared for equality and never for "newer": a model that is replaced by an older one has changed.
/// What is not there has a stamp too, so that a file that appears counts.
/// </summary>
internal readonly struct FileStamp : IEquatable<FileStamp>
{
    public FileStamp(long size, long mark)
    {
        Size = size;
        Mark = mark;
    }

    /// <summary>Bytes of a file, entries of a folder, -1 for neither.</summary>
    public long Size { get; }

    /// <summary>Last write in ticks (UTC) of a file, a hash of its files' names, sizes and times for a folder.</summary>
    public long Mark { get; }

    public static FileStamp Of(string path)
    {
        var file = new FileInfo(path);
        if (file.Exists) return new FileStamp(file.Length, file.LastWriteTimeUtc.Ticks);
        var folder = new DirectoryInfo(path);
        if (!folder.Exists) return new FileStamp(-1, 0);
        long count = 0;
        ulong mark = 0;
        foreach (var entry in folder.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            count++;
            // A sum does not depend on the order in which the file system lists.
            mark += Hash(entry.FullName.Substring(folder.FullName.Length), entry.Length, entry.LastWriteTimeUtc.Ticks);
        }
        return new FileStamp(count, unchecked((long)mark));
    }

    public bool Equals(FileStamp other) => Size == other.Size && Mark == other.Mark;

    public override bool Equals(object? obj) => obj is FileStamp other && Equals(other);

    public override int GetHashCode() => Size.GetHashCode() ^ Mark.GetHashCode();

    // FNV-1a, 64 bit.
    private static ulong Hash(string name, long size, long ticks)
    {
        const ulong prime = 1099511628211;
        ulong hash = 14695981039346656037;
        unchecked
        {
            foreach (char c in name) hash = (hash ^ c) * prime;
            hash = (hash ^ (ulong)size) * prime;
            return (hash ^ (ulong)ticks) * prime;
        }
    }
}
