using System.Globalization;
using Haq.Engine.Diagnostics;

namespace Haq.Engine.Pipeline.Remote;

/// <summary>
/// The shared cache as one run sees it: entries are fetched from it, and what was made here is left for it in a queue. It never breaks a run: after the first failure, or when waits
/// add up, it is left aside, and one warning says why. Safe for several callers, whose entries are fetched side by side.
/// </summary>
public sealed class RemoteCache : IDisposable
{
    private const string ArchiveName = ".haq-archive";

    // A few kilobytes that claim to hold a disk's fill are no result.
    private const long LargestRatio = 2000, SmallFiles = 1 << 24;

    private readonly RemoteSettings _settings;
    private readonly UploadQueue _queue;
    private readonly RemoteClient _client;
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal), _fetched = new(StringComparer.Ordinal), _refused = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private bool _isAside;
    private Diagnostic? _warning;

    /// <param name="settings">Where it is.</param>
    /// <param name="root">The local cache's folder, which holds the queue.</param>
    public RemoteCache(RemoteSettings settings, string root)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (_settings, _queue, _client) = (settings, new UploadQueue(root, settings), new RemoteClient(settings));
    }

    /// <summary>Where it is.</summary>
    public RemoteSettings Settings => _settings;

    /// <summary>How many builds it serves; each may wait as long as one alone.</summary>
    internal int Builds { get; set; } = 1;

    /// <summary>Something waits to be sent.</summary>
    public bool HasUploads => !_settings.IsReadOnly && _queue.Items().Count > 0;

    /// <summary>The one warning of this run: that the server was left aside, or else why the last uploads failed. Null where all is well.</summary>
    public Diagnostic? TakeWarning()
    {
        using var _ = _lock.EnterScope();
        if (_warning is null && !_isAside && !_settings.IsReadOnly && _queue.TakeNote() is { } note)
        {
            return DiagnosticCatalog.UploadsFailed.At(null,
                $"results of earlier builds were not sent to the remote cache {_settings.Address}: {note.TrimEnd('.')}. They wait in '{_queue.Folder}'. 'haq cache status' says whether the server takes any.");
        }
        var warning = _warning;
        _warning = null;
        return warning;
    }

    /// <summary>Fills an empty folder with the entry of a key.</summary>
    /// <param name="key">A stage and its key.</param>
    /// <param name="folder">Where the files go; what is in it is as it should be only where this returns true.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Whether the server had it.</returns>
    internal bool TryFetch(string key, string folder, CancellationToken cancellation)
    {
        using (_lock.EnterScope())
        {
            if (_isAside || _missing.Contains(key)) return false;
        }
        try
        {
            bool found = FetchAsync(key, folder, cancellation).GetAwaiter().GetResult();
            using (_lock.EnterScope()) (found ? _fetched : _missing).Add(key);
            if (_client.Waited > _settings.Patience * 2 * Builds) LeaveAside(string.Create(CultureInfo.InvariantCulture, $"until its answers began took {_client.Waited.TotalSeconds:0.#} s altogether"));
            return found;
        }
        catch (RemoteFailure e) when (e.Trouble == RemoteTrouble.Damaged)
        {
            Refuse(key, e.Message);
        }
        catch (RemoteFailure e)
        {
            LeaveAside(e.Message);
        }
        return false;
    }

    /// <summary>Whether an entry came from there in this run.</summary>
    internal bool IsFetched(string key)
    {
        using var _ = _lock.EnterScope();
        return _fetched.Contains(key);
    }

    /// <summary>An entry that came from there is not what it should be: it is made here and sent in its place.</summary>
    internal void Refuse(string key, string why)
    {
        using var _ = _lock.EnterScope();
        _fetched.Remove(key);
        _refused.Add(key);
        if (_isAside) return;
        _isAside = true;
        _warning = DiagnosticCatalog.RemoteEntryRefused.At(null,
            $"an entry of the remote cache {_settings.Address} was refused: {why}. It is computed here, and nothing more is taken from there in this build. Find out who wrote to that server.");
    }

    /// <summary>Leaves what was made here to be sent, by somebody else and later.</summary>
    internal void Offer(string key)
    {
        if (_settings.IsReadOnly) return;
        bool replaces;
        using (_lock.EnterScope()) replaces = _refused.Contains(key);
        _queue.Add(key, replaces);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<bool> FetchAsync(string key, string folder, CancellationToken cancellation)
    {
        if (await _client.ReadAsync(RemoteClient.Actions, ActionEntry.PlaceOf(key), ActionEntry.MaxBytes, cancellation).ConfigureAwait(false) is not { } message) return false;
        var entry = ActionEntry.Read(message);
        if (entry.Key != key) throw new RemoteFailure("it is another result's", RemoteTrouble.Damaged);
        if (_settings.Secret is { } secret && !entry.IsSignedBy(secret)) throw new RemoteFailure("it is not signed with HAQ_REMOTE_CACHE_SECRET", RemoteTrouble.Damaged);
        if (entry.Bytes > SmallFiles && entry.Bytes / LargestRatio > entry.ArchiveBytes) throw new RemoteFailure("it claims to be larger than anything that so few bytes can hold", RemoteTrouble.Damaged);
        string archive = Path.Combine(folder, ArchiveName);
        using (var file = new FileStream(archive, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
        {
            Require(entry, folder);
            if (!await _client.DownloadAsync(entry.Archive, entry.ArchiveBytes, file, cancellation).ConfigureAwait(false))
            {
                // It was thrown away there; what names it must not keep the next one from being sent.
                using (_lock.EnterScope()) _refused.Add(key);
                return false;
            }
            file.Position = 0;
            EntryArchive.Unpack(file, folder, entry.Bytes, cancellation);
        }
        File.Delete(archive);
        return true;
    }

    private static void Require(ActionEntry entry, string folder)
    {
        long free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (entry.Bytes > free - entry.ArchiveBytes) throw new RemoteFailure($"an entry has {entry.Bytes} bytes, and the disk of the local cache {free}");
    }

    private void LeaveAside(string why)
    {
        using var _ = _lock.EnterScope();
        _isAside = true;
        _warning = DiagnosticCatalog.RemoteCacheAside.At(null, $"the remote cache {_settings.Address} is left aside in this build: {why}. What it may have is computed here. 'haq cache status' tells more.");
    }
}
