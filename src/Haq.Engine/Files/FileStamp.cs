using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace Haq.Engine.Files;

/// <summary>
/// How a file or folder looks without reading it, compared for equality and never for "newer": a model that is replaced by an older one has changed.
/// Links are followed: what they point to counts. What is not there has a stamp too, so that a file that appears counts. Compiled into the MSBuild task as well.
/// </summary>
internal readonly struct FileStamp : IEquatable<FileStamp>
{
    // The coarsest clock of a file system in use is FAT's.
    private static readonly TimeSpan s_grain = TimeSpan.FromSeconds(2);

    // So many files are looked at side by side; fewer are not worth it.
    private const int Together = 4096;

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
        var sum = new Sum();
        var together = new List<(string Relative, string Path)>();
        foreach (var file in FolderWalk.Each(path))
        {
            together.Add(file);
            if (together.Count == Together) sum.Add(together);
        }
        return sum.Finish(together);
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

    // A sum does not depend on the order in which the file system lists, nor on who looks first.
    private sealed class Sum
    {
        private readonly object _lock = new object();
        private long _count, _changed;
        private ulong _mark;

        public void Add(List<(string Relative, string Path)> files)
        {
            Parallel.For(0, files.Count, () => (Changed: 0L, Mark: 0UL), (i, _, part) => Next(files[i], part), part => Take(part.Changed, part.Mark));
            _count += files.Count;
            files.Clear();
        }

        public FileStamp Finish(List<(string Relative, string Path)> rest)
        {
            foreach (var file in rest)
            {
                var (changed, mark) = Next(file, (0, 0));
                Take(changed, mark);
            }
            return new FileStamp(_count + rest.Count, unchecked((long)_mark), _changed);
        }

        private static (long Changed, ulong Mark) Next((string Relative, string Path) file, (long Changed, ulong Mark) part)
        {
            var entry = FileFacts.Of(file.Path);
            return (Math.Max(part.Changed, entry.Changed), unchecked(part.Mark + Hash(file.Relative, entry)));
        }

        private void Take(long changed, ulong mark)
        {
            lock (_lock)
            {
                _changed = Math.Max(_changed, changed);
                unchecked
                {
                    _mark += mark;
                }
            }
        }
    }
}
