using System;
using System.IO;

namespace Haq.Engine.Files;

/// <summary>
/// A file or folder as it was at some time. Where its stamp was taken so soon after a change that another one could hide in the same tick of the clock, the
/// stamp alone proves nothing, and the content is compared.
/// </summary>
internal sealed class FileRecord
{
    public FileRecord(FileStamp stamp, bool isFresh, string digest)
    {
        Stamp = stamp;
        IsFresh = isFresh;
        Digest = digest;
    }

    public FileStamp Stamp { get; }

    /// <summary>The stamp alone proves nothing.</summary>
    public bool IsFresh { get; }

    /// <summary>SHA-256 of the content, where it is known; it is wherever the stamp is fresh.</summary>
    public string Digest { get; }

    /// <summary>Looks at a path: its stamp first, and then, where that is fresh or <paramref name="digest"/> asks for it, the content.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FileRecord Take(string path, DateTime nowUtc, bool digest = false)
    {
        var stamp = FileStamp.Of(path);
        bool fresh = stamp.IsFresh(nowUtc);
        return new FileRecord(stamp, fresh, fresh || digest ? ContentDigest.Of(path) : "");
    }

    /// <summary>
    /// A record of the path as it is now, if it has not been written to since: the same stamp, and the same content where that has to be looked at. Null where it changed.
    /// </summary>
    public FileRecord? IfUntouched(string path, DateTime nowUtc)
    {
        var stamp = FileStamp.Of(path);
        if (!stamp.Equals(Stamp)) return null;
        if (!IsFresh) return this;
        return SameContent(path) ? new FileRecord(stamp, stamp.IsFresh(nowUtc), Digest) : null;
    }

    /// <summary>A record of the path as it is now, if it holds what it held; it may have been copied or touched since. Null where it holds something else.</summary>
    public FileRecord? IfSame(string path, DateTime nowUtc)
    {
        var stamp = FileStamp.Of(path);
        if (!IsFresh && stamp.Equals(Stamp)) return this;
        if (stamp.Size != Stamp.Size) return null;
        return SameContent(path) ? new FileRecord(stamp, stamp.IsFresh(nowUtc), Digest) : null;
    }

    private bool SameContent(string path)
    {
        try
        {
            return ContentDigest.Of(path) == Digest;
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException)
        {
            return false;
        }
    }
}
