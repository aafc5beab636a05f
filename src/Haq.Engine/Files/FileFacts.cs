using System;
using System.IO;

namespace Haq.Engine.Files;

/// <summary>
/// What a file system says about the file or folder behind a path, links followed. On Linux the time of the last change of any kind is among it, which no program can set back;
/// elsewhere an edit that keeps size and time of writing is not seen.
/// </summary>
internal readonly struct FileFacts
{
    public FileFacts(bool isFolder, bool isRegular, long size, long modified, long changed, long identity)
    {
        Exists = true;
        IsFolder = isFolder;
        IsRegular = isRegular;
        Size = size;
        Modified = modified;
        Changed = changed;
        Identity = identity;
    }

    public bool Exists { get; }

    public bool IsFolder { get; }

    /// <summary>Neither a folder nor a pipe, socket or device.</summary>
    public bool IsRegular { get; }

    public long Size { get; }

    /// <summary>Last write, in a unit of the system's.</summary>
    public long Modified { get; }

    /// <summary>Last change, in ticks (UTC).</summary>
    public long Changed { get; }

    /// <summary>Tells two files apart that look alike: the inode, or the time of creation.</summary>
    public long Identity { get; }

    public static FileFacts Of(string path) => LinuxFile.TryStat(path, out var facts) ? facts : Portable(path);

    private static FileFacts Portable(string path)
    {
        string target = IsLink(path) ? LinkTarget.Of(path) ?? path : path;
        var file = new FileInfo(target);
        if (file.Exists)
        {
            long written = file.LastWriteTimeUtc.Ticks, created = file.CreationTimeUtc.Ticks;
            return new FileFacts(false, true, file.Length, written, Math.Max(written, created), created);
        }
        var folder = new DirectoryInfo(target);
        return folder.Exists ? new FileFacts(true, false, 0, folder.LastWriteTimeUtc.Ticks, folder.LastWriteTimeUtc.Ticks, folder.CreationTimeUtc.Ticks) : default;
    }

    /// <summary>The path itself is a link.</summary>
    public static bool IsLink(string path)
    {
        try
        {
            return (File.GetAttributes(path) & FileAttributes.ReparsePoint) != 0;
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException || e is ArgumentException || e is NotSupportedException)
        {
            return false;
        }
    }
}
