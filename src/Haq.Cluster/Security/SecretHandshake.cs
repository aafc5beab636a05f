using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using Haq.Cluster.Settings;
using Microsoft.AspNetCore.Connections;

namespace Haq.Cluster.Security;

/// <summary>How a handshake ended.</summary>
internal enum HandshakeEnd
{
    /// <summary>Both know the secret.</summary>
    Proved,

    /// <summary>The other end showed a proof that is none.</summary>
    OtherSecret,

    /// <summary>The other end closed the connection.</summary>
    Closed,

    /// <summary>The other end said too little in time.</summary>
    Silent,
}

/// <summary>
/// Before anything else is said on a connection, both ends prove that they know the shared secret: each sends 32 random bytes, then HMAC-SHA-256, keyed with the secret, of its role and both
/// numbers. Neither the secret nor anything that could be used again is sent. A connection that does not prove it within the patience is closed.
/// </summary>
/// <param name="secret">The secret.</param>
/// <param name="patience">How long the other end may take.</param>
/// <param name="complain">Told of an end that does not know it.</param>
internal sealed class SecretHandshake(byte[] secret, TimeSpan patience, Action<string>? complain = null)
{
    private const int NonceBytes = 32, ProofBytes = 32;

    private static readonly byte[] s_calling = "haq cluster 1, calling"u8.ToArray(), s_called = "haq cluster 1, called"u8.ToArray();

    /// <summary>For the end that was called.</summary>
    public void OnInbound(IConnectionBuilder builder) => Add(builder, isCalling: false);

    /// <summary>For the end that calls.</summary>
    public void OnOutbound(IConnectionBuilder builder) => Add(builder, isCalling: true);

    private void Add(IConnectionBuilder builder, bool isCalling) => builder.Use(next => async context =>
    {
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(context.ConnectionClosed))
        {
            limit.CancelAfter(patience);
            var end = await ProveAsync(context.Transport, isCalling, limit.Token).ConfigureAwait(false);
            if (end != HandshakeEnd.Proved)
            {
                if (Complaint(context.RemoteEndPoint, isCalling, end) is { } words) complain?.Invoke(words);
                context.Abort(new ConnectionAbortedException("the other end does not know the cluster's secret"));
                return;
            }
        }
        await next(context).ConfigureAwait(false);
    });

    // Who only looks whether somebody listens is no member with another secret. Who is called names no port: that of a caller says nothing.
    private static string? Complaint(EndPoint? other, bool isCalling, HandshakeEnd end)
    {
        if (isCalling) return end == HandshakeEnd.Silent ? null : $"the member at {other} refused the connection: it has another {ClusterSettings.SecretVariable} than this one, or none";
        return end != HandshakeEnd.OtherSecret ? null
            : $"a connection from {(other as IPEndPoint)?.Address} was refused: whoever is there has another {ClusterSettings.SecretVariable} than this worker, or none";
    }

    internal async Task<HandshakeEnd> ProveAsync(IDuplexPipe transport, bool isCalling, CancellationToken cancellation)
    {
        try
        {
            byte[] mine = RandomNumberGenerator.GetBytes(NonceBytes);
            await transport.Output.WriteAsync(mine, cancellation).ConfigureAwait(false);
            byte[] theirs = await ReadAsync(transport.Input, NonceBytes, cancellation).ConfigureAwait(false);
            var (calling, called) = isCalling ? (mine, theirs) : (theirs, mine);
            byte[] proof = Proof(isCalling ? s_calling : s_called, calling, called), expected = Proof(isCalling ? s_called : s_calling, calling, called);
            // Who calls proves it first: who is called tells a stranger nothing.
            if (isCalling) await transport.Output.WriteAsync(proof, cancellation).ConfigureAwait(false);
            byte[] shown = await ReadAsync(transport.Input, ProofBytes, cancellation).ConfigureAwait(false);
            if (!CryptographicOperations.FixedTimeEquals(shown, expected)) return HandshakeEnd.OtherSecret;
            if (!isCalling) await transport.Output.WriteAsync(proof, cancellation).ConfigureAwait(false);
            return HandshakeEnd.Proved;
        }
        catch (OperationCanceledException)
        {
            return HandshakeEnd.Silent;
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException or ConnectionResetException)
        {
            return HandshakeEnd.Closed;
        }
    }

    private byte[] Proof(byte[] role, byte[] calling, byte[] called) => HMACSHA256.HashData(secret, (byte[])[.. role, .. calling, .. called]);

    // Not a byte more than that: what follows is the next one's.
    private static async Task<byte[]> ReadAsync(PipeReader input, int count, CancellationToken cancellation)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellation).ConfigureAwait(false);
            if (result.Buffer.Length >= count)
            {
                byte[] bytes = result.Buffer.Slice(0, count).ToArray();
                input.AdvanceTo(result.Buffer.GetPosition(count));
                return bytes;
            }
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted || result.IsCanceled) throw new EndOfStreamException("the connection ended");
        }
    }
}
