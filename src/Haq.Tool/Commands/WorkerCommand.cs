using System.CommandLine;
using System.Net;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Remote;

namespace Haq.Tool.Commands;

/// <summary><c>haq worker [--cluster ADDRESS] [--threads N] [--listen ADDRESS:PORT] [--advertise ADDRESS] [--cache FOLDER] [--cache-limit GB] [--create-tables]</c></summary>
internal static class WorkerCommand
{
    public static Command Create()
    {
        var address = new Option<string?>("--cluster") { Description = "The cluster to work for: localhost, redis://HOST[:PORT][/NUMBER], rediss://…, postgres://HOST[:PORT]/DATABASE. In place of HAQ_CLUSTER.", HelpName = "ADDRESS" };
        var threads = new Option<int?>("--threads") { Description = "Pieces of work at a time, each on one thread; one for each processor by default.", HelpName = "N" };
        var listen = new Option<string?>("--listen") { Description = "Where to listen; the next port is used too. 127.0.0.1 and two free ports by default. Beyond this machine a secret or certificates are needed.", HelpName = "ADDRESS:PORT" };
        var advertise = new Option<string?>("--advertise") { Description = "The address that others reach it at, where that is another one.", HelpName = "ADDRESS" };
        var folder = new Option<string?>("--cache") { Description = "Where networks and samples are kept; a folder of the user's by default.", HelpName = "FOLDER" };
        var limit = new Option<double>("--cache-limit") { Description = "How many gigabytes are kept there; what was not used for longest goes.", DefaultValueFactory = _ => 20, HelpName = "GB" };
        var tables = new Option<bool>("--create-tables") { Description = "Make the tables that a cluster in PostgreSQL needs, once, and end." };
        var command = new Command(
            "worker",
            """
            Score policies for searches that run elsewhere, until it is ended. Whoever names the same cluster gives it work: 'haq search --cluster …', or builds with HAQ_CLUSTER.

            Examples:
              haq worker --cluster localhost
              haq worker --cluster redis://queue.example --listen 0.0.0.0:7070
              haq worker --cluster postgres://db.example/haq --create-tables
            """)
        { address, threads, listen, advertise, folder, limit, tables };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(tables))
            {
                await WorkerRun.CreateTablesAsync(parsed.GetValue(address), cancellation);
                return (int)ExitCode.Ok;
            }
            var asked = new WorkerRequest(
                parsed.GetValue(address), parsed.GetValue(threads), EndpointOf(parsed.GetValue(listen)), AddressOf("--advertise", parsed.GetValue(advertise)), parsed.GetValue(folder),
                parsed.GetValue(limit));
            await WorkerRun.RunAsync(asked, RemoteSettings.Read(null, null, Environment.GetEnvironmentVariable), cancellation);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static IPEndPoint? EndpointOf(string? text)
    {
        if (text is null) return null;
        return IPEndPoint.TryParse(text, out var endpoint) && endpoint.Port is > 0 and < IPEndPoint.MaxPort ? endpoint
            : throw Wrong($"--listen is '{text}'. Expected an address of this machine and a port, for example 0.0.0.0:7070 or [::]:7070.");
    }

    private static IPAddress? AddressOf(string option, string? text)
    {
        if (text is null) return null;
        return IPAddress.TryParse(text, out var address) ? address : throw Wrong($"{option} is '{text}'. Expected an address such as 10.0.0.7.");
    }

    private static HaqException Wrong(string message) => DiagnosticCatalog.ClusterInvalid.Error((SourceLocation?)null, message);
}
