using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Remote;

namespace Haq.Engine.Pipeline.Running;

/// <summary>
/// Results of stages by what they read, shared by projects, configurations and worktrees of one user. An entry is a folder that appears whole
/// or not at all, with the digests of its files; a damaged entry is made again. Safe for concurrent processes.
/// </summary>
public sealed class StageCache
{
    private const string Temporary = ".tmp";
    private const int Attempts = 5;

    private readonly Action? _beforeSeal;
    private readonly Dictionary<StageKey, FileLock>? _leases;
    private readonly CleaningGate _gate;
    private readonly HashSet<StageKey> _ofThisMachine = [];

    /// <summary>A cache in <paramref name="root"/>, which need not exist yet.</summary>
    public StageCache(string root)
    {
        Root = Path.GetFullPath(root);
        _gate = new CleaningGate(Root);
    }

    private StageCache(StageCache shared, Action beforeSeal) : this(shared.Root) => (_beforeSeal, _leases, Remote) = (beforeSeal, [], shared.Remote);

    /// <summary>Where the entries are.</summary>
    public string Root { get; }

    /// <summary>Where others leave results, looked into before anything is made; null where there is no such place. Whoever opened it closes it.</summary>
    public RemoteCache? Remote { get; init; }

    /// <summary>The user's cache: <c>HAQ_CACHE</c> where it is set, else the platform's place for caches.</summary>
    public static string DefaultRoot => Environment.GetEnvironmentVariable("HAQ_CACHE") is { Length: > 0 } chosen ? chosen : PlatformRoot(Environment.GetEnvironmentVariable);

    /// <summary>The platform's place for caches, wherever the user keeps the results of stages.</summary>
    /// <param name="read">Reads a variable of the environment.</param>
    public static string PlatformRoot(Func<string, string?> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        if (OperatingSystem.IsWindows()) return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "haq", "cache");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsMacOS()) return Path.Combine(home, "Library", "Caches", "haq");
        string? xdg = read("XDG_CACHE_HOME");
        return Path.Combine(string.IsNullOrEmpty(xdg) ? Path.Combine(home, ".cache") : xdg, "haq");
    }

    /// <summary>
    /// The same cache for one run: entries that it was given stay until it is disposed of, whoever cleans up meanwhile, and <paramref name="beforeSeal"/> is asked before an entry is
    /// kept; it throws where the entry must not be. For one thread at a time.
    /// </summary>
    internal StageCache ForRun(Action beforeSeal) => new(this, beforeSeal);

    /// <summary>Lets go of the entries of this run.</summary>
    internal void Release()
    {
        if (_leases is null) return;
        foreach (var lease in _leases.Values) lease.Dispose();
        _leases.Clear();
    }

    /// <summary>The folder of an entry, here or fetched from elsewhere; null when there is none.</summary>
    public string? Find(StageKey key) => Find(key, CancellationToken.None);

    /// <inheritdoc cref="Find(StageKey)"/>
    /// <exception cref="OperationCanceledException">Cancelled while it was fetched.</exception>
    internal string? Find(StageKey key, CancellationToken cancellation) => FindHere(key) ?? (Remote is not null && !_ofThisMachine.Contains(key) && TryTake(key, cancellation) ? FindHere(key) : null);

    private string? FindHere(StageKey key)
    {
        string folder = FolderOf(key);
        if (!Directory.Exists(folder)) return null;
        if (!TryLease(key)) return null;
        if (!EntrySeal.IsIntact(folder))
        {
            Unlease(key);
            return null;
        }
        Touch(folder);
        return folder;
    }

    /// <summary>The folder of an entry, which <paramref name="produce"/> fills when there is none. One process at a time makes an entry; others wait for it.</summary>
    /// <param name="key">What the result depends on.</param>
    /// <param name="produce">Writes the result's files into the folder that it is given.</param>
    /// <param name="onWait">Called when another process is making the same entry.</param>
    /// <param name="cancellation">Ends the wait; <paramref name="produce"/> observes its own.</param>
    /// <exception cref="HaqException">The cache cannot be written (HAQ0801).</exception>
    /// <exception cref="IOException">Something else that <paramref name="produce"/> reads or writes failed.</exception>
    public string GetOrCreate(StageKey key, Action<string> produce, Action? onWait, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            if (FindHere(key) is { } existing) return existing;
            try
            {
                using (var guard = Lock(key, onWait, cancellation))
                {
                    if (!EntrySeal.IsIntact(FolderOf(key)) && !TryFetch(key, guard.Excludes, cancellation)) Make(key, produce, guard.Excludes);
                    if (_leases is null) return FolderOf(key);
                    // From the lock to write to the one to read, with nobody cleaning up in between.
                    using var passed = _gate.Enter();
                    guard.Dispose();
                    while (!TryLease(key))
                    {
                        cancellation.WaitHandle.WaitOne(1);
                        cancellation.ThrowIfCancellationRequested();
                    }
                    if (EntrySeal.IsIntact(FolderOf(key))) return FolderOf(key);
                    Unlease(key);
                }
            }
            catch (IOException e) when (attempt < Attempts && !Directory.Exists(Path.Combine(Root, key.Stage)))
            {
                // Somebody removed the whole cache while the entry was in the making.
                _ = e;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && IsOurs(e, key))
            {
                throw Unwritable(e, key);
            }
            // Somebody damages what was made; that cannot go on for ever.
            if (attempt == Attempts) return FolderOf(key);
        }
    }

    private void Make(StageKey key, Action<string> produce, bool alone)
    {
        string folder = FolderOf(key), temporary = Begin(key, alone);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        try
        {
            produce(temporary);
            if (_ofThisMachine.Contains(key)) EntrySeal.MarkAsThisMachines(temporary);
            _beforeSeal?.Invoke();
            EntrySeal.Write(temporary);
            // Where locks do nothing another process may have been quicker; equal keys, equal bytes.
            if (Directory.Exists(folder) && EntrySeal.IsIntact(folder)) return;
            Directory.Move(temporary, folder);
        }
        finally
        {
            Discard([temporary]);
        }
    }

    private string Begin(StageKey key, bool alone)
    {
        string folder = FolderOf(key), temporary = $"{folder}.{Path.GetRandomFileName()[..8]}{Temporary}";
        // Holding the key's lock: whoever left these is gone.
        if (alone) Discard(Directory.EnumerateDirectories(Path.GetDirectoryName(folder)!, $"{key.Digest}.*{Temporary}"));
        Directory.CreateDirectory(temporary);
        return temporary;
    }

    // While somebody makes the entry, that one counts. A cache that cannot be written takes nothing.
    private bool TryTake(StageKey key, CancellationToken cancellation)
    {
        using var impatience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            Directory.CreateDirectory(Path.Combine(Root, key.Stage));
            using var guard = FileLock.Acquire(LockOf(key), _gate, impatience.Cancel, impatience.Token);
            return EntrySeal.IsIntact(FolderOf(key)) || TryFetch(key, guard.Excludes, cancellation);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Nothing of it is seen under the entry's name before all of it was checked.
    private bool TryFetch(StageKey key, bool alone, CancellationToken cancellation)
    {
        if (Remote is null || _ofThisMachine.Contains(key)) return false;
        string folder = FolderOf(key), temporary = Begin(key, alone);
        try
        {
            if (!Remote.TryFetch(key.ToString(), temporary, cancellation)) return false;
            if (!EntrySeal.IsExact(temporary))
            {
                Remote.Refuse(key.ToString(), "its files are not those that it was sealed with");
                return false;
            }
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            Directory.Move(temporary, folder);
            return true;
        }
        finally
        {
            Discard([temporary]);
        }
    }

    private static void Discard(IEnumerable<string> folders)
    {
        foreach (string folder in folders.ToArray())
        {
            try
            {
                if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next one that makes this entry tries again; what went wrong before this is what counts.
                continue;
            }
        }
    }

    // An error while making an entry is the cache's where the disk is full or the cache cannot be written; else it is that of something that was read.
    private bool IsOurs(Exception cause, StageKey key)
    {
        if (AtomicFile.IsFull(cause) || cause is UnauthorizedAccessException || cause.Message.Contains(Root, StringComparison.Ordinal)) return true;
        string probe = Path.Combine(Root, key.Stage, $"{Path.GetRandomFileName()}{Temporary}");
        try
        {
            File.WriteAllBytes(probe, new byte[1 << 16]);
            File.Delete(probe);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    // False where somebody has the entry for himself: it is in the making, or being removed.
    private bool TryLease(StageKey key)
    {
        if (_leases is null || _leases.ContainsKey(key)) return true;
        using var passed = _gate.Enter();
        if (FileLock.TryShare(LockOf(key), out bool busy) is { } lease) _leases[key] = lease;
        return !busy;
    }

    private void Unlease(StageKey key)
    {
        if (_leases?.Remove(key, out var lease) == true) lease.Dispose();
    }

    /// <summary>Holds the lock of a key without making its entry.</summary>
    /// <exception cref="HaqException">The cache cannot be written (HAQ0801).</exception>
    public FileLock Lock(StageKey key, Action? onWait, CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(Path.Combine(Root, key.Stage));
            return FileLock.Acquire(LockOf(key), _gate, onWait, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e, key);
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
            throw Unwritable(e, key);
        }
    }

    /// <summary>All entries and work folders, least recently used first.</summary>
    public IReadOnlyList<CacheEntry> Entries()
    {
        if (!Directory.Exists(Root)) return [];
        return [.. Directory.EnumerateDirectories(Root)
            .SelectMany(stage => Directory.GetDirectories(stage))
            .Select(Describe).OfType<CacheEntry>()
            .OrderBy(entry => entry.LastUsedUtc).ThenBy(entry => entry.Folder, StringComparer.Ordinal)];
    }

    private static CacheEntry? Describe(string folder)
    {
        try
        {
            long bytes = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);
            return new CacheEntry(folder, Path.GetFileName(Path.GetDirectoryName(folder)!), bytes, Directory.GetLastWriteTimeUtc(folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A build finished it, or another clean-up removed it, in this moment.
            return null;
        }
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
            using var passed = _gate.EnterAlone();
            if (passed is null || !TryRemove(entry.Folder)) continue;
            total -= entry.Bytes;
            removed.Add(entry);
        }
        return removed;
    }

    /// <summary>Removes an entry, unless another process is using it.</summary>
    internal void Remove(StageKey key)
    {
        using var passed = _gate.EnterAlone();
        if (passed is not null && Directory.Exists(FolderOf(key))) TryRemove(FolderOf(key));
    }

    /// <summary>In this run an entry is for no other machine, and comes from none.</summary>
    internal void KeepHere(StageKey key) => _ofThisMachine.Add(key);

    /// <summary>Leaves an entry that was made to be sent.</summary>
    internal void Offer(StageKey key)
    {
        if (!_ofThisMachine.Contains(key)) Remote?.Offer(key.ToString());
    }

    /// <summary>Whether an entry came from elsewhere in this run.</summary>
    internal bool IsFetched(StageKey key) => Remote?.IsFetched(key.ToString()) == true;

    /// <summary>Removes an entry that came from elsewhere and cannot be read.</summary>
    /// <returns>Whether it is gone; somebody else may be using it.</returns>
    internal bool Refuse(StageKey key)
    {
        Remote?.Refuse(key.ToString(), "its content cannot be read");
        Unlease(key);
        Remove(key);
        return !Directory.Exists(FolderOf(key));
    }

    private static bool TryRemove(string folder)
    {
        string key = Path.Combine(Path.GetDirectoryName(folder)!, Path.GetFileName(folder).Split('.')[0]);
        using var alone = FileLock.TryFinish(key + ".lock");
        if (alone is null) return false;
        try
        {
            Directory.Delete(folder, recursive: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private string FolderOf(StageKey key) => Path.Combine(Root, key.Stage, key.Digest);

    private string LockOf(StageKey key) => FolderOf(key) + ".lock";

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

    private HaqException Unwritable(Exception cause, StageKey key)
    {
        string next = AtomicFile.IsFull(cause) ? "The disk is full: make room there, or choose another folder with HAQ_CACHE."
            : InTheWay(key) is { } other ? $"{other}: remove it, or choose another folder with HAQ_CACHE."
            : "Grant permission, or choose another folder with HAQ_CACHE.";
        return DiagnosticCatalog.CannotWrite.Error(Root, $"the cache cannot be written: {cause.Message.TrimEnd('.')}. {next}", cause);
    }

    private string? InTheWay(StageKey key)
    {
        if (Directory.Exists(LockOf(key))) return $"'{LockOf(key)}' is a folder where a file should be";
        for (string? at = FolderOf(key); at is not null; at = Path.GetDirectoryName(at)) if (File.Exists(at)) return $"'{at}' is a file where a folder should be";
        return null;
    }
}
