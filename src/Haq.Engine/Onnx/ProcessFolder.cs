namespace Haq.Engine.Onnx;

/// <summary>
/// A folder with files of what is too large for memory. It goes when it is disposed of, at the latest with the process; where that is killed, with the next <see cref="Sweep"/>.
/// A lock file beside it stays open for as long as the folder is in use: the system lets go of it whatever the process died of, also where process numbers mean nothing, as between containers.
/// </summary>
internal sealed class ProcessFolder : IDisposable
{
    /// <summary>The file.</summary>
    public const string FileName = Stem + Ending;

    /// <summary>How names of files in it begin and end.</summary>
    public const string Stem = "constants", Ending = ".data";

    private const string Start = "haq-constants-", LockEnd = ".lock";
    private const int Attempts = 4;
    private readonly Lock _lock = new();
    private readonly FileStream _use;
    private bool _isOver;

    private ProcessFolder(string path, FileStream use)
    {
        (Path, _use) = (path, use);
        AppDomain.CurrentDomain.ProcessExit += AtExit;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Makes a folder of its own in <paramref name="parent"/>, null for the system's folder of temporary files.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made.</exception>
    public static ProcessFolder Create(string? parent = null)
    {
        for (int attempt = 1; ; attempt++)
        {
            string path = System.IO.Path.Combine(parent ?? System.IO.Path.GetTempPath(), Start + Guid.NewGuid().ToString("n"));
            var use = Hold(path + LockEnd, FileMode.CreateNew);
            // A sweep may have come between the file's being made and its being locked; from here on none can.
            if (use is null || !File.Exists(path + LockEnd))
            {
                use?.Dispose();
                if (attempt < Attempts) continue;
                throw new IOException($"'{path}{LockEnd}' cannot be locked");
            }
            try
            {
                if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
                else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                return new ProcessFolder(path, use);
            }
            catch
            {
                use.Dispose();
                File.Delete(path + LockEnd);
                throw;
            }
        }
    }

    /// <summary>Removes the folders in <paramref name="parent"/>, null for the system's folder of temporary files, whose process is gone.</summary>
    /// <returns>How many.</returns>
    public static int Sweep(string? parent = null)
    {
        var where = new DirectoryInfo(parent ?? System.IO.Path.GetTempPath());
        int swept = 0;
        foreach (var file in Locks(where))
        {
            if (Hold(file.FullName, FileMode.Open) is not { } use) continue;
            // Where the file system ignores locks, nobody can tell which folders are in use.
            bool isLocked = IsHeld(file.FullName);
            string folder = file.FullName[..^LockEnd.Length];
            if (!isLocked || !TryRemove(folder)) use.Dispose();
            else if (Finish(use)) swept++;
        }
        return swept;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isOver) return;
            _isOver = true;
            AppDomain.CurrentDomain.ProcessExit -= AtExit;
            // What somebody has still open on Windows stays, and its lock file with it: a later sweep finds both.
            if (TryRemove(Path)) Finish(_use);
            else _use.Dispose();
        }
    }

    private void AtExit(object? sender, EventArgs e) => Dispose();

    private static FileInfo[] Locks(DirectoryInfo where)
    {
        try
        {
            return where.GetFiles($"{Start}*{LockEnd}", new EnumerationOptions { IgnoreInaccessible = true });
        }
        catch (IOException)
        {
            return [];
        }
    }

    // Null where another process has it, or another user.
    private static FileStream? Hold(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode == FileMode.CreateNew) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            return new FileStream(path, options);
        }
        catch (Exception e) when ((e is IOException or UnauthorizedAccessException) && (mode == FileMode.Open || File.Exists(path)))
        {
            return null;
        }
    }

    private static bool IsHeld(string path)
    {
        using var second = Hold(path, FileMode.Open);
        return second is null;
    }

    // By name and without what a link leads to: in a folder that all may write, somebody else may have put anything there.
    private static bool TryRemove(string folder)
    {
        try
        {
            var place = new DirectoryInfo(folder);
            if (!place.Exists) return true;
            if (place.LinkTarget is not null) return false;
            foreach (var file in place.EnumerateFiles(Stem + "*" + Ending)) file.Delete();
            place.Delete();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Windows deletes nothing that is open. Whoever takes the lock in between finds no folder.
    private static bool Finish(FileStream use)
    {
        string path = use.Name;
        use.Dispose();
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
