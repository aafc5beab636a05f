using System.Net;
using System.Net.Sockets;

namespace Haq.Cluster.Tests.Faults;

/// <summary>The network before a worker: passes on what comes, until it is cut. Then connections stay open and nothing arrives, as where a cable is pulled.</summary>
internal sealed class CutWire : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly List<TcpListener> _listeners = [];
    private volatile TaskCompletionSource _open = Opened();

    /// <summary>Listens at <paramref name="here"/> for what is for <paramref name="there"/>, on both of a worker's ports.</summary>
    public CutWire(IPAddress here, IPAddress there, int port)
    {
        for (int p = port; p <= port + 1; p++)
        {
            var listener = new TcpListener(here, p);
            listener.Start();
            _listeners.Add(listener);
            _ = AcceptAsync(listener, new IPEndPoint(there, p));
        }
    }

    /// <summary>Nothing arrives any more, in both directions.</summary>
    public void Cut() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was held up arrives.</summary>
    public void Mend() => _open.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        Mend();
        foreach (var listener in _listeners) listener.Stop();
        _end.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync(TcpListener listener, IPEndPoint there)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                _ = CarryAsync(await listener.AcceptTcpClientAsync(_end.Token), there);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(TcpClient caller, IPEndPoint there)
    {
        using (caller)
        using (var called = new TcpClient())
        {
            try
            {
                await _open.Task.WaitAsync(_end.Token);
                await called.ConnectAsync(there, _end.Token);
                await Task.WhenAny(PassAsync(caller.GetStream(), called.GetStream()), PassAsync(called.GetStream(), caller.GetStream()));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
                // The connection is over.
            }
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to)
    {
        byte[] buffer = new byte[1 << 16];
        while (await from.ReadAsync(buffer, _end.Token) is > 0 and var count)
        {
            await _open.Task.WaitAsync(_end.Token);
            await to.WriteAsync(buffer.AsMemory(0, count), _end.Token);
        }
    }
}
