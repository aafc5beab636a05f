using System.CommandLine;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Remote;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Uploading;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq cache status | upload</c>: the server behind the cache.</summary>
internal static class CacheServerCommand
{
    private static readonly Option<string?> s_address = new("--remote-cache") { Description = "The server, in place of HAQ_REMOTE_CACHE.", HelpName = "URL" };

    public static Command Status()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var status = new Command("status", "Whether the remote cache answers, takes the credentials and takes results, and what waits to be sent. Exit status 1 where it cannot be used.") { s_address, json };
        status.SetAction((parsed, cancellation) =>
        {
            var settings = Settings(parsed);
            var found = RemoteProbe.Run(settings, StageCache.DefaultRoot, cancellation);
            if (parsed.GetValue(json)) PrintJson(settings, found);
            else PrintText(settings, found);
            return Task.FromResult((int)(found.Trouble is null ? ExitCode.Ok : ExitCode.CheckFailed));
        });
        return status;
    }

    public static Command Upload()
    {
        var all = new Option<bool>("--all") { Description = "Send everything that the local cache holds, not only what was made since the server is used." };
        var background = new Option<bool>("--background") { Hidden = true };
        var folder = new Option<string?>("--folder") { Hidden = true };
        var upload = new Command("upload", "Send what waits to be sent to the remote cache, and wait for it: the last step of a CI job, whose processes are ended with it. Builds send by themselves, in the background.") { s_address, all, background, folder };
        upload.SetAction((parsed, cancellation) =>
        {
            bool isAlone = parsed.GetValue(background);
            if (isAlone) UploadProcess.Detach();
            var settings = RemoteSettings.Read(parsed.GetValue(s_address), isAlone ? "readwrite" : null, Environment.GetEnvironmentVariable) ?? throw NoServer();
            if (settings.IsReadOnly) throw DiagnosticCatalog.RemoteCacheUnusable.Error((SourceLocation?)null, $"{RemoteSettings.ModeVariable} is 'read', so that nothing is sent. Unset it to send.");
            var drain = new UploadDrain(new StageCache(parsed.GetValue(folder) ?? StageCache.DefaultRoot), settings);
            if (parsed.GetValue(all)) Console.WriteLine($"{drain.QueueAll()} entries are in the local cache");
            var result = drain.Run(Console.WriteLine, cancellation);
            Console.WriteLine(result.IsBusy ? "another process is sending" : string.Create(CultureInfo.InvariantCulture,
                $"{result.Sent} sent ({result.Bytes / 1e6:N1} MB), {result.Present} were there, {result.Dropped} dropped, {result.Left} left"));
            if (result.Failure is { } why) throw DiagnosticCatalog.RemoteCacheUnusable.Error((SourceLocation?)null, $"sending to {settings.Address} ended: {why}. What is left waits, and is sent with the next build.");
            return Task.FromResult((int)ExitCode.Ok);
        });
        return upload;
    }

    private static RemoteSettings Settings(ParseResult parsed) => RemoteSettings.Read(parsed.GetValue(s_address), null, Environment.GetEnvironmentVariable) ?? throw NoServer();

    private static HaqException NoServer() =>
        DiagnosticCatalog.RemoteCacheInvalid.Error((SourceLocation?)null, $"no remote cache is named. Set {RemoteSettings.AddressVariable}, or give --remote-cache http(s)://HOST[:PORT][/PATH].");

    private static void PrintText(RemoteSettings settings, RemoteState found)
    {
        Console.WriteLine(settings.Address);
        Line("answers", found.Milliseconds is { } time ? string.Create(CultureInfo.InvariantCulture, $"yes, in {time:0} ms") : "no");
        Line("credentials", settings.CredentialKind);
        Line("mode", settings.IsReadOnly ? "read" : "readwrite");
        Line("takes results", found.TakesResults switch { null => settings.IsReadOnly ? "not asked" : "not known", true => "yes", false => "no" });
        Line("signed", settings.IsSigned ? "yes" : "no");
        Line("waiting", found.Waiting.ToString(CultureInfo.InvariantCulture));
        if (found.LastFailure is { } last) Line("last upload", last);
        if (found.Trouble is { } trouble) Line("trouble", trouble);
    }

    private static void Line(string name, string value) => Console.WriteLine($"  {name,-14} {value}");

    private static void PrintJson(RemoteSettings settings, RemoteState found) => JsonOutput.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("address", settings.Address.AbsoluteUri);
        writer.WriteBoolean("reachable", found.Milliseconds is not null);
        if (found.Milliseconds is { } time) writer.WriteNumber("milliseconds", Math.Round(time, 1));
        writer.WriteString("credentials", settings.CredentialKind);
        writer.WriteString("mode", settings.IsReadOnly ? "read" : "readwrite");
        if (found.TakesResults is { } takes) writer.WriteBoolean("takesResults", takes);
        writer.WriteBoolean("signed", settings.IsSigned);
        writer.WriteNumber("waiting", found.Waiting);
        if (found.LastFailure is { } last) writer.WriteString("lastUpload", last);
        if (found.Trouble is { } trouble) writer.WriteString("trouble", trouble);
        writer.WriteEndObject();
    });
}
