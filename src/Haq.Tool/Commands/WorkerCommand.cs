using System.CommandLine;
using Haq.Cluster.Settings;
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
        var advertise = new Option<string?>("--advertise") { Description = "The address or name that others reach it at, where that is another one.", HelpName = "ADDRESS" };
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
              haq worker status --cluster redis://queue.example
            """)
        { address, threads, listen, advertise, folder, limit, tables };
        command.Subcommands.Add(WorkerStatusCommand.Create());
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(tables))
            {
                await WorkerRun.CreateTablesAsync(parsed.GetValue(address), cancellation);
                return (int)ExitCode.Ok;
            }
            var asked = new WorkerRequest(
                parsed.GetValue(address), parsed.GetValue(threads), PlaceText.Endpoint("--listen", parsed.GetValue(listen)),
                await PlaceText.AddressAsync("--advertise", parsed.GetValue(advertise), cancellation), parsed.GetValue(folder),
                parsed.GetValue(limit));
            await WorkerRun.RunAsync(asked, RemoteSettings.Read(null, null, Environment.GetEnvironmentVariable), cancellation);
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
