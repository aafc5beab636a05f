using Haq.Engine.Diagnostics;

namespace Haq.Engine.Pipeline.Outputs;

/// <summary>
/// Writes whole files or nothing: content goes to a temporary file beside the target, which then takes the target's place. What a killed process left is removed by
/// the next one that writes the same file.
/// </summary>
public static class AtomicFile
{
    private const string TemporaryEnd = ".haq-tmp";

    /// <summary>Writes <paramref name="content"/> unless the file already holds exactly that, so that unchanged outputs keep their time stamp.</summary>
    /// <returns>Whether the file was written.</returns>
    /// <exception cref="HaqException">The target cannot be written (HAQ0801).</exception>
    public static bool Write(string path, ReadOnlySpan<byte> content)
    {
        Sweep(path);
        if (Holds(path, content)) return false;
        byte[] bytes = content.ToArray();
        Replace(path, stream => stream.Write(bytes));
        return true;
    }

    /// <summary>Copies <paramref name="source"/> to <paramref name="path"/> unless they are equal already.</summary>
    /// <returns>Whether the file was written.</returns>
    /// <exception cref="HaqException">The target cannot be written (HAQ0801).</exception>
    /// <exception cref="IOException">The source cannot be read.</exception>
    public static bool Copy(string source, string path)
    {
        Sweep(path);
        if (SameContent(source, path)) return false;
        using var from = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        Replace(path, to => from.CopyTo(to, 1 << 20));
        return true;
    }

    private static void Replace(string path, Action<Stream> write)
    {
        string temporary = $"{path}.{Path.GetRandomFileName()}{TemporaryEnd}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            // Open, and so locked, until it has its final name: a file that can be opened alone is one that a killed process left.
            using var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None);
            write(stream);
            stream.Flush(flushToDisk: true);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Discard(temporary);
            throw Unwritable(path, e);
        }
        catch
        {
            Discard(temporary);
            throw;
        }
    }

    private static HaqException Unwritable(string path, Exception cause)
    {
        string next = Directory.Exists(path) ? "A folder has that name: remove it, and run again."
            : IsFull(cause) ? "The disk is full: make room, and run again."
            : "Make room or grant permission, and run again.";
        return DiagnosticCatalog.CannotWrite.Error(path, $"cannot be written: {cause.Message.TrimEnd('.')}. Nothing was changed. {next}", cause);
    }

    /// <summary>The system's error for a full disk or an exhausted quota.</summary>
    internal static bool IsFull(Exception cause) => OperatingSystem.IsWindows()
        ? (cause.HResult & 0xFFFF) is 112 or 39
        : cause.HResult is 28 || cause.HResult == (OperatingSystem.IsMacOS() ? 69 : 122);

    private static void Sweep(string path)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (folder is null || !Directory.Exists(folder)) return;
        try
        {
            foreach (string left in Directory.EnumerateFiles(folder, $"{Path.GetFileName(path)}.*{TemporaryEnd}"))
                if (CanBeAlone(left)) Discard(left);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be listed cannot be tidied; writing will say what is wrong.
            return;
        }
    }

    private static bool CanBeAlone(string file)
    {
        try
        {
            new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that is on its way to the user is the one about the target.
            return;
        }
    }

    private static bool Holds(string path, ReadOnlySpan<byte> content)
    {
        var info = new FileInfo(path);
        if (!info.Exists || info.Length != content.Length) return false;
        try
        {
            return File.ReadAllBytes(path).AsSpan().SequenceEqual(content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool SameContent(string source, string path)
    {
        var (a, b) = (new FileInfo(source), new FileInfo(path));
        if (!b.Exists || a.Length != b.Length) return false;
        try
        {
            return FileDigest.Compute(source) == FileDigest.Compute(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
