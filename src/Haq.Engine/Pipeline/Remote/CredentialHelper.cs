using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Haq.Engine.Pipeline.Remote;

/// <summary>
/// A program that knows credentials, as Bazel and others call it (the credential helper specification of EngFlow and Google): <c>HELPER get</c> reads <c>{"uri": …}</c> and prints
/// <c>{"headers": {NAME: [VALUE, …]}}</c>.
/// </summary>
internal sealed class CredentialHelper(string program)
{
    private const int MaxAnswer = 1 << 16;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <exception cref="RemoteFailure">It cannot be started, fails, or answers something else. What it printed is in no message: it may be secret.</exception>
    public async Task<(string Name, string Value)[]> GetAsync(Uri uri, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_patience);
        var start = new ProcessStartInfo(program, "get") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, CreateNoWindow = true };
        start.StandardInputEncoding = new UTF8Encoding(false);
        start.StandardOutputEncoding = Encoding.UTF8;
        try
        {
            using var process = Process.Start(start)!;
            try
            {
                await AskAsync(process, uri).ConfigureAwait(false);
                var complaint = process.StandardError.ReadToEndAsync(limit.Token);
                string answer = await ReadAsync(process.StandardOutput, limit.Token).ConfigureAwait(false);
                await complaint.ConfigureAwait(false);
                await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
                return process.ExitCode == 0 ? Parse(answer) : throw Failed($"ended with exit status {process.ExitCode}");
            }
            finally
            {
                if (!process.HasExited) process.Kill(entireProcessTree: true);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Failed($"did not answer within {s_patience.TotalSeconds:0} s");
        }
        catch (Win32Exception e)
        {
            throw Failed($"cannot be started: {e.Message}");
        }
    }

    // One that needs no question need not read it.
    private static async Task AskAsync(Process process, Uri uri)
    {
        try
        {
            await process.StandardInput.WriteAsync(JsonSerializer.Serialize(new Dictionary<string, string> { ["uri"] = uri.AbsoluteUri })).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            return;
        }
    }

    private async Task<string> ReadAsync(StreamReader output, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        char[] buffer = new char[4096];
        while (await output.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and int read)
        {
            text.Append(buffer, 0, read);
            if (text.Length > MaxAnswer) throw Failed("answered more than 64 KB");
        }
        return text.ToString();
    }

    private (string Name, string Value)[] Parse(string answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            if (!json.RootElement.TryGetProperty("headers", out var headers)) return [];
            var found = new List<(string, string)>();
            foreach (var header in headers.EnumerateObject())
                foreach (var value in header.Value.EnumerateArray()) found.Add((header.Name, Sendable(value.GetString())));
            return [.. found];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Failed("answered something else than {\"headers\": {NAME: [VALUE, …]}}");
        }
    }

    private string Sendable(string? value) => value is not null && !value.AsSpan().ContainsAny('\r', '\n') ? value : throw Failed("answered a header that cannot be sent");

    private RemoteFailure Failed(string what) => new($"the credential helper '{program}' {what}");
}
