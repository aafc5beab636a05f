using System;

namespace Haq.Engine.Files;

/// <summary>
/// How a file or folder looks without reading it, compared for equality and never for "newer": a model that is replaced by an older one has changed.
/// Links are followed: what they point to counts. What is not there has a stamp too, so that a file that appears counts. Compiled into the MSBuild task as well.
/// </summary>
internal readonly struct FileStamp : IEquatable<FileStamp>
{
    // The coarsest clock of a file system in use is FAT's.
    private static readonly TimeSpan s_grain = TimeSpan.FromSeconds(2);

    public FileStamp(long size, long mark, long changed = 0)
    {
        Size = size;
        Mark = mark;
        Changed = changed;
    }

    /// <summary>Bytes of a file, entries of a folder, -1 for neither.</summary>
    public long Size { get; }

    /// <summary>A hash of everything else that an edit changes: times and identity; of a folder, also its files' names and sizes.</summary>
    public long Mark { get; }

    /// <summary>When it changed last, in ticks (UTC); of a folder, its latest file. Not part of equality.</summary>
    public long Changed { get; }

    public static FileStamp Of(string path)
    {
        var facts = FileFacts.Of(path);
        if (!facts.Exists) return new FileStamp(-1, 0);
        if (!facts.IsFolder) return new FileStamp(facts.Size, unchecked((long)Hash("", facts)), facts.Changed);
        long count = 0, changed = 0;
        ulong mark = 0;
        foreach (var file in FolderWalk.Each(path))
        {
            var entry = FileFacts.Of(file.Path);
            count++;
            changed = Math.Max(changed, entry.Changed);
            // A sum does not depend on the order in which the file system lists.
            unchecked
            {
                mark += Hash(file.Relative, entry);
            }
        }
        return new FileStamp(count, unchecked((long)mark), changed);
    }

    /// <summary>Whether an edit after <paramref name="takenUtc"/>, when the stamp was taken, may leave it as it is, because the clock of the file system had not moved on.</summary>
    public bool IsFresh(DateTime takenUtc) => Changed > (takenUtc - s_grain).Ticks;

    public bool Equals(FileStamp other) => Size == other.Size && Mark == other.Mark;

    public override bool Equals(object? obj) => obj is FileStamp other && Equals(other);

    public override int GetHashCode() => Size.GetHashCode() ^ Mark.GetHashCode();

    // FNV-1a, 64 bit, over characters and whole numbers.
    private static ulong Hash(string name, in FileFacts facts)
    {
        const ulong prime = 1099511628211;
        ulong hash = 14695981039346656037;
        unchecked
        {
            foreach (char c in name) hash = (hash ^ c) * prime;
            hash = (hash ^ (ulong)facts.Size) * prime;
            hash = (hash ^ (ulong)facts.Modified) * prime;
            hash = (hash ^ (ulong)facts.Changed) * prime;
            return (hash ^ (ulong)facts.Identity) * prime;
        }
    }
}
