using Haq.Engine.Diagnostics;

namespace Haq.Engine.Pipeline;

/// <summary>Writes whole files or nothing: content goes to a temporary file beside the target, which then takes the target's place.</summary>
public static class AtomicFile
{
    /// <summary>Writes <paramref name="content"/> unless the file already holds exactly that, so that unchanged outputs keep their time stamp.</summary>
    /// <returns>Whether the file was written.</returns>
    /// <exception cref="HaqException">The target cannot be written (HAQ0801).</exception>
    public static bool Write(string path, ReadOnlySpan<byte> content)
    {
        if (Holds(path, content)) return false;
        string temporary = TemporaryFor(path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Discard(temporary);
            throw Unwritable(path, e);
        }
    }

    /// <summary>Copies <paramref name="source"/> to <paramref name="path"/> unless they are equal already.</summary>
    /// <returns>Whether the file was written.</returns>
    /// <exception cref="HaqException">The target cannot be written (HAQ0801).</exception>
    public static bool Copy(string source, string path)
    {
        if (SameContent(source, path)) return false;
        string temporary = TemporaryFor(path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using (var from = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.Read))
            using (var to = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                from.CopyTo(to, 1 << 20);
                to.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Discard(temporary);
            throw Unwritable(path, e);
        }
    }

    private static HaqException Unwritable(string path, Exception cause) => DiagnosticCatalog.CannotWrite.Error(
        path, $"cannot be written: {cause.Message.TrimEnd('.')}. Nothing was changed. Make room or grant permission, and run again.", cause);

    private static string TemporaryFor(string path) => $"{path}.{Environment.ProcessId}.tmp";

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
