using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Haq.Engine.Pipeline.Remote;

/// <summary>
/// Bazel's HTTP cache protocol: GET, HEAD and PUT of <c>ac/SHA-256</c> and <c>cas/SHA-256</c> below an address. Every wait is bounded; whatever goes wrong is a <see cref="RemoteFailure"/>.
/// </summary>
internal sealed class RemoteClient : IDisposable
{
    /// <summary>Results of stages.</summary>
    public const string Actions = "ac";

    /// <summary>Content by its digest.</summary>
    public const string Contents = "cas";

    // Of a transfer; what is slower costs more than it saves.
    private const int LeastBytesPerSecond = 1 << 19;
    private const int MaxRedirects = 4;

    private readonly RemoteSettings _settings;
    private readonly HttpClient _http;
    private long _waited;

    public RemoteClient(RemoteSettings settings)
    {
        _settings = settings;
        var handler = new SocketsHttpHandler
        {
            // By hand, so that credentials stay with the server that they are for.
            AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = settings.Patience,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15), ResponseDrainTimeout = TimeSpan.FromMilliseconds(200),
        };
        if (settings.Authorities is { } authorities)
            handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, chain, errors) => authorities.Accept(certificate, chain, errors) };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("haq");
    }

    /// <summary>How long the server was waited for altogether, until its answers began.</summary>
    public TimeSpan Waited => new(Interlocked.Read(ref _waited));

    /// <summary>Something small; null where the server has none.</summary>
    public async Task<byte[]?> ReadAsync(string kind, string hash, int limit, CancellationToken cancellation)
    {
        using var response = await SendAsync(HttpMethod.Get, kind, hash, content: null, _settings.Patience, cancellation).ConfigureAwait(false);
        if (response is null) return null;
        using var bytes = new MemoryStream();
        await CopyAsync(response.Content, bytes, limit, cancellation).ConfigureAwait(false);
        return bytes.Length > limit ? throw new RemoteFailure("the server sent more than an entry can be", RemoteTrouble.Damaged) : bytes.ToArray();
    }

    /// <summary>Fetches content, and checks that it is what was asked for.</summary>
    /// <returns>False where the server has none.</returns>
    public async Task<bool> DownloadAsync(string hash, long size, Stream to, CancellationToken cancellation)
    {
        using var response = await SendAsync(HttpMethod.Get, Contents, hash, content: null, _settings.Patience, cancellation).ConfigureAwait(false);
        if (response is null) return false;
        if (response.Content.Headers.ContentLength is { } said && said != size) throw new RemoteFailure($"the server has {said} bytes where an entry says {size}", RemoteTrouble.Damaged);
        byte[] digest = await CopyAsync(response.Content, to, size, cancellation).ConfigureAwait(false);
        if (to.Length != size) throw new RemoteFailure($"the server sent {(to.Length < size ? "less" : "more")} than the {size} bytes that an entry says", RemoteTrouble.Damaged);
        return Convert.ToHexStringLower(digest) == hash ? true : throw new RemoteFailure("what the server sent has another SHA-256 than it was asked for", RemoteTrouble.Damaged);
    }

    /// <summary>Whether the server has something.</summary>
    public async Task<bool> HasAsync(string kind, string hash, CancellationToken cancellation)
    {
        using var response = await SendAsync(HttpMethod.Head, kind, hash, content: null, _settings.Patience, cancellation).ConfigureAwait(false);
        return response is not null;
    }

    /// <summary>Puts something there.</summary>
    public async Task PutAsync(string kind, string hash, Func<Stream> open, long length, CancellationToken cancellation)
    {
        var patience = _settings.Patience * 2 + TimeSpan.FromSeconds((double)length / LeastBytesPerSecond);
        HttpContent Content()
        {
            var content = new StreamContent(open(), 1 << 16);
            content.Headers.ContentLength = length;
            content.Headers.ContentType = new("application/octet-stream");
            return content;
        }
        using var response = await SendAsync(HttpMethod.Put, kind, hash, Content, patience, cancellation).ConfigureAwait(false);
        if (response is null) throw new RemoteFailure("the server answers 404 where an entry is to be put: its address may be wrong, or it takes none");
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    // Null: the server says that it has no such thing.
    private async Task<HttpResponseMessage?> SendAsync(HttpMethod method, string kind, string hash, Func<HttpContent>? content, TimeSpan patience, CancellationToken cancellation)
    {
        var address = new Uri(_settings.Address, $"{kind}/{hash}");
        // A helper has patience of its own.
        await _settings.Credentials.KnowAsync(address, cancellation).ConfigureAwait(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(patience);
        var watch = Stopwatch.StartNew();
        try
        {
            var response = await FollowAsync(method, address, content, limit.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.Unauthorized && _settings.Credentials.Renew())
            {
                response.Dispose();
                limit.CancelAfter(Timeout.InfiniteTimeSpan);
                await _settings.Credentials.KnowAsync(address, cancellation).ConfigureAwait(false);
                limit.CancelAfter(patience);
                response = await FollowAsync(method, address, content, limit.Token).ConfigureAwait(false);
            }
            Interlocked.Add(ref _waited, watch.Elapsed.Ticks);
            if (response.IsSuccessStatusCode && response.StatusCode != HttpStatusCode.PartialContent) return response;
            using (response) return response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone ? null : throw Refused(response.StatusCode);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            throw new RemoteFailure(Words(e));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new RemoteFailure(string.Create(CultureInfo.InvariantCulture, $"no answer within {patience.TotalSeconds:0.#} s"));
        }
    }

    private async Task<HttpResponseMessage> FollowAsync(HttpMethod method, Uri address, Func<HttpContent>? content, CancellationToken cancellation)
    {
        for (int redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(method, address) { Content = content?.Invoke() };
            // A server that refuses a large body says so before it is sent.
            if (request.Content is { Headers.ContentLength: > 1 << 16 }) request.Headers.ExpectContinue = true;
            if (RemoteSettings.IsSameServer(address, _settings.Address)) _settings.Credentials.AddTo(request);
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location) return response;
            response.Dispose();
            var next = new Uri(address, location);
            if (redirects == MaxRedirects) throw new RemoteFailure("the server redirects in a circle");
            if (next.Scheme is not ("http" or "https") || (address.Scheme == "https" && next.Scheme == "http")) throw new RemoteFailure("the server redirects to an address that is not encrypted");
            address = next;
        }
    }

    // Within each span of patience a share of the content has to come, the last one aside.
    private async Task<byte[]> CopyAsync(HttpContent content, Stream to, long limit, CancellationToken cancellation)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(_settings.Patience);
        long share = (long)(_settings.Patience.TotalSeconds * LeastBytesPerSecond), came = 0, total = 0;
        byte[] buffer = new byte[1 << 17];
        while (total <= limit && await ReadAsync().ConfigureAwait(false) is > 0 and int read)
        {
            digest.AppendData(buffer.AsSpan(0, read));
            to.Write(buffer.AsSpan(0, read));
            (total, came) = (total + read, came + read);
            if (came < share) continue;
            came = 0;
            patience.CancelAfter(_settings.Patience);
        }
        return digest.GetHashAndReset();

        // An IOException here is the network's; one of writing is the disk's.
        async Task<int> ReadAsync()
        {
            try
            {
                var from = await content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
                return await from.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
            {
                throw new RemoteFailure($"the connection broke after {total} bytes: {Words(e)}");
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new RemoteFailure(string.Create(CultureInfo.InvariantCulture, $"{total} bytes came, and too few more within {_settings.Patience.TotalSeconds:0.#} s"));
            }
        }
    }

    private RemoteFailure Refused(HttpStatusCode status) => (int)status switch
    {
        401 or 403 when _settings.CredentialKind == "none" => new($"the server asks for credentials ({(int)status}): set HAQ_REMOTE_CACHE_TOKEN, or HAQ_REMOTE_CACHE_USER and HAQ_REMOTE_CACHE_PASSWORD, or HAQ_REMOTE_CACHE_HELPER"),
        401 or 403 => new($"the server does not allow this with these credentials ({(int)status})"),
        405 => new("the server allows no such request (405): with HAQ_REMOTE_CACHE_MODE=read nothing is sent"),
        413 => new("the server takes nothing as large as this (413)", RemoteTrouble.TooLarge),
        507 => new("the server is full (507)"),
        _ => new($"the server answered {(int)status}"),
    };

    private static string Words(Exception e)
    {
        var inner = e;
        while (inner.InnerException is not null) inner = inner.InnerException;
        return inner.Message.TrimEnd('.');
    }
}
