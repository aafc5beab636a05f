using System.Collections.Concurrent;
using System.Collections.Immutable;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Remote;

namespace Haq.Cluster.Clients;

/// <summary>Puts parts of subjects into the shared cache, each once, so that workers take them from there. After a failure nothing more is sent: workers are then handed the parts.</summary>
internal sealed class PartUploads(RemoteSettings settings, Action<string> tell) : IDisposable
{
    private readonly RemoteClient _client = new(settings);
    private readonly ConcurrentDictionary<string, Lazy<Task>> _sent = new(StringComparer.Ordinal);
    private volatile bool _isAside;

    /// <summary>Sends what is not there yet.</summary>
    public async Task EnsureAsync(SubjectParcel parcel, ImmutableArray<string> digests, CancellationToken cancellation)
    {
        foreach (string digest in digests)
        {
            if (_isAside) return;
            var part = parcel.Parts.First(p => p.Digest == digest);
            await _sent.GetOrAdd(digest, _ => new Lazy<Task>(() => SendAsync(parcel, part))).Value.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task SendAsync(SubjectParcel parcel, SubjectPart part)
    {
        try
        {
            if (await _client.HasAsync(RemoteClient.Contents, part.Digest, CancellationToken.None).ConfigureAwait(false)) return;
            await _client.PutAsync(RemoteClient.Contents, part.Digest, () => new PartStream(parcel, part), part.Bytes, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RemoteFailure e)
        {
            _isAside = true;
            tell($"the remote cache {settings.Address} takes no data for workers, which are handed it: {e.Message}");
        }
    }

    private sealed class PartStream(SubjectParcel parcel, SubjectPart part) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => part.Bytes;

        public override long Position { get; set; }

        public override void Flush() { }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = (int)Math.Min(count, part.Bytes - Position);
            if (read > 0) parcel.Read(part, Position, buffer.AsSpan(offset, read));
            Position += read;
            return read;
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
