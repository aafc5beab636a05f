using System.Globalization;
using System.Security.Cryptography;
using Haq.Engine.Pipeline.Remote;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Pipeline.Uploading;

/// <summary>What came of sending.</summary>
/// <param name="Sent">Entries that were sent.</param>
/// <param name="Present">Entries that the server had.</param>
/// <param name="Dropped">Entries that will not be sent.</param>
/// <param name="Left">Entries that wait on.</param>
/// <param name="Bytes">What was sent, compressed.</param>
/// <param name="Failure">Why sending ended early; null where it did not.</param>
/// <param name="IsBusy">Somebody else is sending.</param>
public sealed record UploadResult(int Sent, int Present, int Dropped, int Left, long Bytes, string? Failure, bool IsBusy);

/// <summary>Sends what waits, one process at a time: packs an entry, puts its archive, then what names it. Ended at any moment, the next one goes on.</summary>
/// <param name="cache">Holds the entries.</param>
/// <param name="settings">Where they go.</param>
public sealed class UploadDrain(StageCache cache, RemoteSettings settings)
{
    private const int MaxWaiting = 2000;
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(14), s_longestRun = TimeSpan.FromMinutes(30);

    private readonly UploadQueue _queue = new(cache.Root, settings);
    private readonly List<string> _dropped = [];
    private int _sent, _present;
    private long _bytes;

    /// <summary>Puts every entry of the local cache into the queue.</summary>
    /// <returns>How many.</returns>
    public int QueueAll()
    {
        int count = 0;
        foreach (var entry in cache.Entries())
        {
            if (Path.GetFileName(entry.Folder) is not { Length: 64 } digest || !EntrySeal.Exists(entry.Folder) || EntrySeal.IsOfThisMachine(entry.Folder)) continue;
            _queue.Add($"{entry.Stage}/{digest}", replaces: false);
            count++;
        }
        return count;
    }

    /// <summary>Sends until nothing waits, the server fails, or half an hour has passed.</summary>
    /// <param name="say">Told of every entry.</param>
    /// <param name="cancellation">Ends it; what was not sent waits on.</param>
    public UploadResult Run(Action<string> say, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(say);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_longestRun);
        string? failure = null;
        // Whoever queues while the last one is being sent finds the lock held, and relies on this.
        for (int before = int.MaxValue; failure is null && _queue.Items().Count is > 0 and int waiting && waiting < before; before = waiting)
        {
            using var held = _queue.TryHold();
            if (held is null) return Result(null, isBusy: true);
            failure = SendAll(say, limit.Token);
        }
        cancellation.ThrowIfCancellationRequested();
        Tell(failure);
        return Result(failure, isBusy: false);
    }

    private UploadResult Result(string? failure, bool isBusy) => new(_sent, _present, _dropped.Count, _queue.Items().Count, _bytes, failure, isBusy);

    private string? SendAll(Action<string> say, CancellationToken cancellation)
    {
        using var client = new RemoteClient(settings);
        var items = _queue.Items();
        foreach (var item in items.Take(items.Count - MaxWaiting)) Drop(item, $"more than {MaxWaiting} entries wait", say);
        foreach (var item in items.Skip(Math.Max(0, items.Count - MaxWaiting)))
        {
            if (TimeProvider.System.GetUtcNow().UtcDateTime - item.SinceUtc > s_longestWait)
            {
                Drop(item, $"it waited for more than {s_longestWait.TotalDays:0} days", say);
                continue;
            }
            try
            {
                SendAsync(client, item, say, cancellation).GetAwaiter().GetResult();
            }
            catch (RemoteFailure e) when (e.Trouble != RemoteTrouble.Server)
            {
                Drop(item, e.Message, say);
            }
            catch (RemoteFailure e)
            {
                return e.Message;
            }
            catch (OperationCanceledException)
            {
                return $"sending took more than {s_longestRun.TotalMinutes:0} minutes, and goes on with the next build";
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return $"an entry cannot be packed: {e.Message}";
            }
        }
        return null;
    }

    private async Task SendAsync(RemoteClient client, QueuedUpload item, Action<string> say, CancellationToken cancellation)
    {
        string place = ActionEntry.PlaceOf(item.Key);
        if (!item.Replaces && await IsThereAsync(client, item.Key, place, cancellation).ConfigureAwait(false))
        {
            _present++;
            UploadQueue.Remove(item);
            return;
        }
        string[] parts = item.Key.Split('/');
        var held = new StageCache(cache.Root).ForRun(() => { });
        string packed = Path.Combine(_queue.Folder, $"{parts[1]}.packed");
        try
        {
            if (held.Find(new StageKey(parts[0], parts[1])) is not { } folder)
            {
                Drop(item, "it is no longer in the local cache", say);
                return;
            }
            var entry = Pack(item.Key, folder, packed, cancellation).Signed(settings.Secret);
            if (item.Replaces || !await client.HasAsync(RemoteClient.Contents, entry.Archive, cancellation).ConfigureAwait(false))
                await client.PutAsync(RemoteClient.Contents, entry.Archive, () => File.OpenRead(packed), entry.ArchiveBytes, cancellation).ConfigureAwait(false);
            byte[] message = entry.Write();
            await client.PutAsync(RemoteClient.Actions, place, () => new MemoryStream(message), message.Length, cancellation).ConfigureAwait(false);
            (_sent, _bytes) = (_sent + 1, _bytes + entry.ArchiveBytes);
            UploadQueue.Remove(item);
            say(string.Create(CultureInfo.InvariantCulture, $"sent {parts[0]}/{parts[1][..12]}… ({entry.Bytes / 1e6:N2} MB, {entry.ArchiveBytes / 1e6:N2} MB compressed)"));
        }
        finally
        {
            held.Release();
            File.Delete(packed);
        }
    }

    // What names an entry is of no use without its content, nor, where the team signs, without a signature.
    private async Task<bool> IsThereAsync(RemoteClient client, string key, string place, CancellationToken cancellation)
    {
        try
        {
            if (await client.ReadAsync(RemoteClient.Actions, place, ActionEntry.MaxBytes, cancellation).ConfigureAwait(false) is not { } message) return false;
            var entry = ActionEntry.Read(message);
            bool isSigned = settings.Secret is not { } secret || entry.IsSignedBy(secret);
            return entry.Key == key && isSigned && await client.HasAsync(RemoteClient.Contents, entry.Archive, cancellation).ConfigureAwait(false);
        }
        catch (RemoteFailure e) when (e.Trouble == RemoteTrouble.Damaged)
        {
            return false;
        }
    }

    private static ActionEntry Pack(string key, string folder, string packed, CancellationToken cancellation)
    {
        using var file = new FileStream(packed, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        long bytes = EntryArchive.Pack(folder, file, cancellation);
        file.Position = 0;
        return new ActionEntry(key, Convert.ToHexStringLower(SHA256.HashData(file)), file.Length, bytes);
    }

    private void Drop(QueuedUpload item, string why, Action<string> say)
    {
        _dropped.Add(why);
        UploadQueue.Remove(item);
        say($"dropped {item.Key}: {why}");
    }

    // Nobody watches a process in the background: the next build says it.
    private void Tell(string? failure)
    {
        string[] said = [.. _dropped.Where(w => !w.StartsWith("it is no longer", StringComparison.Ordinal))];
        if (failure is not null) _queue.LeaveNote(failure);
        else if (said.Length > 0) _queue.LeaveNote($"{said.Length} will not be sent: {said[0]}");
        else _queue.DropNote();
    }
}
