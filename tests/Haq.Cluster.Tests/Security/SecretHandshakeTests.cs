using System.IO.Pipelines;
using Haq.Cluster.Security;

namespace Haq.Cluster.Tests.Security;

public sealed class SecretHandshakeTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Who_knows_the_secret_gets_through_and_what_follows_is_untouched()
    {
        var (calling, called) = Connection();
        var proofs = await Task.WhenAll(
            new SecretHandshake("one secret"u8.ToArray(), s_patience).ProveAsync(calling, isCalling: true, CancellationToken.None),
            new SecretHandshake("one secret"u8.ToArray(), s_patience).ProveAsync(called, isCalling: false, CancellationToken.None));
        Assert.Equal([HandshakeEnd.Proved, HandshakeEnd.Proved], proofs);
        await calling.Output.WriteAsync("after"u8.ToArray());
        Assert.Equal("after"u8.ToArray(), System.Buffers.BuffersExtensions.ToArray((await called.Input.ReadAsync()).Buffer));
    }

    [Fact]
    public async Task Another_secret_does_not_and_learns_no_proof()
    {
        var (calling, called) = Connection();
        var stranger = new SecretHandshake("another"u8.ToArray(), s_patience).ProveAsync(calling, isCalling: true, CancellationToken.None);
        Assert.Equal(HandshakeEnd.OtherSecret, await new SecretHandshake("one secret"u8.ToArray(), s_patience).ProveAsync(called, isCalling: false, CancellationToken.None));
        await called.Output.CompleteAsync();
        Assert.Equal(HandshakeEnd.Closed, await stranger);
    }

    [Fact]
    public async Task An_answer_that_only_repeats_what_was_said_is_no_proof()
    {
        var (calling, called) = Connection();
        var proof = new SecretHandshake("one secret"u8.ToArray(), s_patience).ProveAsync(calling, isCalling: true, CancellationToken.None);
        byte[] nonce = await TakeAsync(called);
        await called.Output.WriteAsync(nonce);
        await called.Output.WriteAsync(await TakeAsync(called));
        Assert.Equal(HandshakeEnd.OtherSecret, await proof);
    }

    [Fact]
    public async Task Who_says_nothing_is_not_waited_for()
    {
        var (_, called) = Connection();
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.Equal(HandshakeEnd.Silent, await new SecretHandshake("one secret"u8.ToArray(), s_patience).ProveAsync(called, isCalling: false, limit.Token));
    }

    private static async Task<byte[]> TakeAsync(IDuplexPipe end)
    {
        var read = await end.Input.ReadAtLeastAsync(32);
        byte[] bytes = System.Buffers.BuffersExtensions.ToArray(read.Buffer.Slice(0, 32));
        end.Input.AdvanceTo(read.Buffer.GetPosition(32));
        return bytes;
    }

    private static (IDuplexPipe, IDuplexPipe) Connection()
    {
        var (there, back) = (new Pipe(), new Pipe());
        return (new End(back.Reader, there.Writer), new End(there.Reader, back.Writer));
    }

    private sealed record End(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
