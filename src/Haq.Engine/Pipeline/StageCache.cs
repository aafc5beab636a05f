using System.Globalization;
using System.Text;
using Haq.Engine.Diagnostics;

namespace Haq.Engine.Pipeline;

/// <summary>
/// Results of stages by what they read, shared by projects, configurations and worktrees of one user. An entry is a folder that appears whole
/// or not at all, with the digests of its files; a damaged entry is made again. Safe for concurrent processes.
/// </summary>
public sealed class StageCache
{
    private const string Seal = "contents.sha256";

    /// <summary>A cache in <paramref name="root"/>, which need not exist yet.</summary>
    public StageCache(string root) => Root = Path.GetFullPath(root);

    /// <summary>Where the entries are.</summary>
    public string Root { get; }

    /// <summary>The user's cache: <c>HAQ_CACHE</c> where it is set, else the platform's place for caches.</summary>
    public static string DefaultRoot
    {
        get
        {
            if (Environment.GetEnvironmentVariable("HAQ_CACHE") is { Length: > 0 } chosen) return chosen;
            if (OperatingSystem.IsWindows())
                return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "haq", "cache");
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            if (OperatingSystem.IsMacOS()) return Path.Combine(home, "Library", "Caches", "haq");
            string? xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            return Path.Combine(string.IsNullOrEmpty(xdg) ? Path.Combine(home, ".cache") : xdg, "haq");
        }
    }

    /// <summary>The folder of an entry, or null when there is none.</summary>
    public string? Find(StageKey key)
    {
        string folder = FolderOf(key);
        if (!Directory.Exists(folder)) return null;
        if (!IsIntact(folder)) return null;
        Touch(folder);
        return folder;
    }

    /// <summary>The folder of an entry, which <paramref name="produce"/> fills when there is none. One process at a time makes an entry; others wait for it.</summary>
    /// <param name="key">What the result depends on.</param>
    /// <param name="produce">Writes the result's files into the folder that it is given.</param>
    /// <param name="onWait">Called when another process is making the same entry.</param>
    /// <param name="cancellation">Ends the wait; <paramref name="produce"/> observes its own.</param>
    /// <exception cref="HaqException">The cache cannot be written (HAQ0801).</exception>
    public string GetOrCreate(StageKey key, Action<string> produce, Action? onWait, CancellationToken cancellation)
    {
        if (Find(key) is { } existing) return existing;
        string folder = FolderOf(key);
        using var guard = Lock(key, onWait, cancellation);
        if (Find(key) is { } madeMeanwhile) return madeMeanwhile;
        string temporary = $"{folder}.tmp";
        try
        {
            // Holding the key's lock: whoever left these is gone.
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
        try
        {
            produce(temporary);
            WriteSeal(temporary);
            Directory.Move(temporary, folder);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Holds the lock of a key without making its entry.</summary>
    /// <exception cref="HaqException">The cache cannot be written (HAQ0801).</exception>
    public FileLock Lock(StageKey key, Action? onWait, CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(Path.Combine(Root, key.Stage));
            return FileLock.Acquire(FolderOf(key) + ".lock", onWait, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
    }

    /// <summary>A folder for what a stage keeps while it works, such as a search's journal; it survives a kill.</summary>
    /// <exception cref="HaqException">The cache cannot be written (HAQ0801).</exception>
    public string WorkFolder(StageKey key)
    {
        string folder = FolderOf(key) + ".work";
        try
        {
            Directory.CreateDirectory(folder);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
    }

    /// <summary>All entries and work folders, least recently used first.</summary>
    public IReadOnlyList<CacheEntry> Entries()
    {
        if (!Directory.Exists(Root)) return [];
        return [.. Directory.EnumerateDirectories(Root)
            .SelectMany(Directory.EnumerateDirectories)
            .Select(folder => new CacheEntry(
                folder, Path.GetFileName(Path.GetDirectoryName(folder)!),
                Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length),
                Directory.GetLastWriteTimeUtc(folder)))
            .OrderBy(entry => entry.LastUsedUtc).ThenBy(entry => entry.Folder, StringComparer.Ordinal)];
    }

    /// <summary>Removes entries, least recently used first, until at most <paramref name="keepBytes"/> remain; entries in the making stay.</summary>
    /// <returns>What was removed.</returns>
    public IReadOnlyList<CacheEntry> Prune(long keepBytes)
    {
        var entries = Entries();
        long total = entries.Sum(e => e.Bytes);
        var removed = new List<CacheEntry>();
        foreach (var entry in entries)
        {
            if (total <= keepBytes) break;
            if (!TryRemove(entry)) continue;
            total -= entry.Bytes;
            removed.Add(entry);
        }
        return removed;
    }

    private static bool TryRemove(CacheEntry entry)
    {
        string key = Path.ChangeExtension(entry.Folder, null);
        try
        {
            using (new FileStream(key + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1)) Directory.Delete(entry.Folder, recursive: true);
            File.Delete(key + ".lock");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private string FolderOf(StageKey key) => Path.Combine(Root, key.Stage, key.Digest);

    private static void Touch(string folder)
    {
        try
        {
            Directory.SetLastWriteTimeUtc(folder, TimeProvider.System.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A cache on a read-only medium serves all the same; only its order of use is not kept.
            return;
        }
    }

    private static void WriteSeal(string folder)
    {
        var seal = new StringBuilder();
        foreach (string file in Files(folder)) seal.Append(CultureInfo.InvariantCulture, $"{FileDigest.Compute(file)}  {Path.GetRelativePath(folder, file)}\n");
        File.WriteAllText(Path.Combine(folder, Seal), seal.ToString());
    }

    private static bool IsIntact(string folder)
    {
        string seal = Path.Combine(folder, Seal);
        if (!File.Exists(seal)) return false;
        try
        {
            string[] lines = File.ReadAllLines(seal);
            return lines.All(line => line.Length > 66 && File.Exists(Path.Combine(folder, line[66..])) && FileDigest.Compute(Path.Combine(folder, line[66..])) == line[..64]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    private HaqException Unwritable(Exception cause) => DiagnosticCatalog.CannotWrite.Error(
        Root, $"the cache cannot be written: {cause.Message.TrimEnd('.')}. Make room, grant permission, or choose another folder with HAQ_CACHE.", cause);
}
