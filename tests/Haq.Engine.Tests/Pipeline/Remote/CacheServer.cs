using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Haq.Engine.Tests.Pipeline.Remote;

/// <summary>What a client asked for.</summary>
internal sealed record CacheRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>What the server says in place of what is right.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">What is sent.</param>
internal sealed record CacheAnswer(int Status, byte[]? Body = null)
{
    /// <summary>What is said of the body's length, where that is not so.</summary>
    public long? Length { get; init; }

    /// <summary>Nothing more comes after the body, and the connection stays open.</summary>
    public bool Stalls { get; init; }

    /// <summary>The connection is reset after the body.</summary>
    public bool Resets { get; init; }

    /// <summary>How long nothing is said before.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Where else to look.</summary>
    public string? Location { get; init; }

    /// <summary>Nothing comes at all.</summary>
    public static CacheAnswer Silence { get; } = new(0);
}

/// <summary>A cache server in this process, which can be made to fail in every way: slow, stalling, lying, full.</summary>
internal sealed class CacheServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentBag<TcpClient> _clients = [];
    private readonly X509Certificate2? _certificate;

    public CacheServer(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>By path: <c>/ac/…</c>, <c>/cas/…</c>.</summary>
    public ConcurrentDictionary<string, byte[]> Content { get; } = new(StringComparer.Ordinal);

    /// <summary>Everything asked, in order.</summary>
    public ConcurrentQueue<CacheRequest> Requests { get; } = [];

    /// <summary>Decides what is said; null leaves it to what is right.</summary>
    public Func<CacheRequest, CacheAnswer?> Fault { get; set; } = _ => null;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Address => $"{(_certificate is null ? "http" : "https")}://localhost:{Port}";

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        foreach (var client in _clients) client.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                _clients.Add(client);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            return;
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var held = client;
        try
        {
            Stream stream = client.GetStream();
            if (_certificate is not null)
            {
                var secure = new SslStream(stream);
                await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _end.Token);
                stream = secure;
            }
            while (await ReadAsync(stream) is { } request)
            {
                Requests.Enqueue(request);
                var answer = Fault(request) ?? Right(request);
                // Closed without lingering, a connection is reset.
                if (answer.Resets) client.LingerState = new LingerOption(true, 0);
                await Task.Delay(answer.Delay, _end.Token);
                if (!await AnswerAsync(stream, answer, request.Method == "HEAD")) return;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or AuthenticationException)
        {
            return;
        }
    }

    private CacheAnswer Right(CacheRequest request)
    {
        if (request.Method != "PUT") return Content.TryGetValue(request.Path, out byte[]? found) ? new(200, found) : new(404);
        Content[request.Path] = request.Body;
        return new(201);
    }

    private async Task<bool> AnswerAsync(Stream stream, CacheAnswer answer, bool isHead)
    {
        if (answer != CacheAnswer.Silence)
        {
            byte[] body = answer.Body ?? [];
            string location = answer.Location is { } to ? $"Location: {to}\r\n" : "";
            string head = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {answer.Status} Said\r\nContent-Length: {answer.Length ?? body.Length}\r\n{location}\r\n");
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _end.Token);
            if (!isHead) await stream.WriteAsync(body, _end.Token);
            await stream.FlushAsync(_end.Token);
            if (!answer.Stalls) return answer.Length is null;
        }
        await Task.Delay(Timeout.Infinite, _end.Token);
        return false;
    }

    private async Task<CacheRequest?> ReadAsync(Stream stream)
    {
        if (await LineAsync(stream) is not { Length: > 0 } first) return null;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await LineAsync(stream) is { Length: > 0 } line) headers[line.Split(':', 2)[0]] = line.Split(':', 2)[1].Trim();
        if (headers.ContainsKey("Expect")) await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), _end.Token);
        byte[] body = new byte[headers.TryGetValue("Content-Length", out string? length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body, _end.Token);
        string[] words = first.Split(' ');
        return new CacheRequest(words[0], words[1], headers, body);
    }

    private async Task<string?> LineAsync(Stream stream)
    {
        var line = new StringBuilder();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one, _end.Token) == 1)
        {
            if (one[0] == '\n') return line.ToString().TrimEnd('\r');
            line.Append((char)one[0]);
        }
        return null;
    }
}
