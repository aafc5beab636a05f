using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Remote;

namespace Haq.Cluster.Workers;

/// <summary>Fetches parts from the shared cache. A server that fails is asked no more for a while: clients hand over what it does not have.</summary>
internal sealed class PartFetcher : IDisposable
{
    private static readonly TimeSpan s_rest = TimeSpan.FromMinutes(1);

    private readonly RemoteClient _client;
    private readonly WorkerMeter _meter;
    private readonly IProgress<string> _log;
    private readonly Uri _address;
    private readonly TimeProvider _time;
    private long? _restingSince;

    public PartFetcher(RemoteSettings settings, WorkerMeter meter, IProgress<string> log, TimeProvider? time = null) =>
        (_client, _meter, _log, _address, _time) = (new RemoteClient(settings), meter, log, settings.Address, time ?? TimeProvider.System);

    /// <summary>Puts a part into the store.</summary>
    /// <returns>False where the server does not have it, or fails.</returns>
    /// <exception cref="Haq.Engine.Diagnostics.HaqException">There is no room for it (HAQ0972).</exception>
    public async Task<bool> TryFetchAsync(SubjectPart part, PartStore store, CancellationToken cancellation)
    {
        if (_restingSince is { } since && _time.GetElapsedTime(since) < s_rest) return false;
        store.MakeRoom(part.Bytes);
        string temporary = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            await using var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
            if (!await _client.DownloadAsync(part.Digest, part.Bytes, file, cancellation).ConfigureAwait(false)) return false;
            file.Position = 0;
            await CopyAsync(file, part, store, cancellation).ConfigureAwait(false);
            _meter.Fetched(part.Bytes, "cache");
            return true;
        }
        catch (RemoteFailure e)
        {
            _restingSince = _time.GetTimestamp();
            _log.Report($"the remote cache {_address} is left aside for a minute: {e.Message}");
            return false;
        }
    }

    public void Dispose() => _client.Dispose();

    private static async Task CopyAsync(Stream file, SubjectPart part, PartStore store, CancellationToken cancellation)
    {
        byte[] chunk = new byte[1 << 20];
        long offset = 0;
        do
        {
            int read = await file.ReadAtLeastAsync(chunk, (int)Math.Min(chunk.Length, part.Bytes - offset), throwOnEndOfStream: true, cancellation).ConfigureAwait(false);
            offset = store.Append(part, offset, chunk.AsSpan(0, read));
        }
        while (offset < part.Bytes);
    }
}
