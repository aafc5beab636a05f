using System.CommandLine;
using Haq.Cluster.Clients;
using Haq.Engine.Diagnostics;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq worker status [--cluster ADDRESS] [--json]</c></summary>
internal static class WorkerStatusCommand
{
    public static Command Create()
    {
        var address = new Option<string?>("--cluster") { Description = "The cluster to look at, in place of HAQ_CLUSTER.", HelpName = "ADDRESS" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var status = new Command(
            "status",
            "The workers of a cluster: where they are, what they do and how busy they are. Exit status 1 where none answers.\n\n"
            + "Examples:\n  haq worker status --cluster localhost\n  haq worker status --json") { address, json };
        status.SetAction(async (parsed, cancellation) =>
        {
            var settings = WorkerRun.SettingsOf(parsed.GetValue(address));
            var workers = await WorkerRoll.CallAsync(settings, cancellation);
            if (parsed.GetValue(json)) WorkerStatus.WriteJson(settings.Said, workers);
            else WorkerStatus.Print(settings.Said, workers);
            return (int)(workers.Any(w => w.Figures is not null) ? ExitCode.Ok : ExitCode.CheckFailed);
        });
        return status;
    }
}
