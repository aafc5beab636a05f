using System.CommandLine;
using System.Net;
using Haq.Cluster.Membership;
using Haq.Cluster.Settings;
using Haq.Engine.Diagnostics;

namespace Haq.Dashboard;

/// <summary><c>haq-dashboard [--cluster ADDRESS] [--listen ADDRESS:PORT] [--silo ADDRESS:PORT] [--advertise ADDRESS]</c></summary>
internal static class DashboardCommand
{
    private const int UsualPort = 8080;

    public static RootCommand Create()
    {
        var address = new Option<string?>("--cluster")
        {
            Description = "The cluster to watch: localhost, redis://HOST[:PORT][/NUMBER], rediss://…, postgres://HOST[:PORT]/DATABASE. In place of HAQ_CLUSTER.", HelpName = "ADDRESS",
        };
        var listen = new Option<string?>("--listen")
        {
            Description = $"Where its pages are; 127.0.0.1:{UsualPort} by default. Beyond this machine a password and a certificate are needed.", HelpName = "ADDRESS:PORT",
        };
        var silo = new Option<string?>("--silo")
        {
            Description = "Where it listens for the other members, which have to reach it; 127.0.0.1 and a free port by default. Beyond this machine a secret or certificates are needed.",
            HelpName = "ADDRESS:PORT",
        };
        var advertise = new Option<string?>("--advertise") { Description = "The address or name that other members reach it at, where that is another one.", HelpName = "ADDRESS" };
        var command = new RootCommand(
            """
            Shows a cluster of haq workers in a browser, until it is ended: Orleans' dashboard at '/', the workers' queues at '/workers', as JSON at '/workers.json'.

            It is a member of the cluster that does no work, with the variables of a worker (HAQ_CLUSTER_SECRET …). Beyond this machine it wants HAQ_DASHBOARD_PASSWORD, asked for as
            user 'haq', and HAQ_DASHBOARD_CERTIFICATE with HAQ_DASHBOARD_KEY (PEM files). Behind a reverse proxy on this machine it needs neither.

            Examples:
              haq-dashboard --cluster localhost
              haq-dashboard --cluster redis://queue.example --silo 0.0.0.0:7072
            """)
        { address, listen, silo, advertise };
        command.SetAction(async (parsed, cancellation) =>
        {
            var settings = ClusterSettings.Read(parsed.GetValue(address), Environment.GetEnvironmentVariable)
                ?? throw ClusterSettings.Wrong($"no cluster is named. Give --cluster localhost, redis://HOST or postgres://HOST/DATABASE, or set {ClusterSettings.AddressVariable}.");
            var web = WebDoor.Read(PlaceText.Endpoint("--listen", parsed.GetValue(listen)) ?? new IPEndPoint(IPAddress.Loopback, UsualPort), Environment.GetEnvironmentVariable);
            var place = new SiloPlace(
                PlaceText.Endpoint("--silo", parsed.GetValue(silo)) ?? new IPEndPoint(IPAddress.Loopback, 0), await PlaceText.AddressAsync("--advertise", parsed.GetValue(advertise), cancellation));
            await new DashboardHost(settings, place, web, Say).RunAsync(cancellation);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Say(string text) => Console.WriteLine($"haq-dashboard: {text}");
}
