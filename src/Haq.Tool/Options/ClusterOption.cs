using System.CommandLine;

namespace Haq.Tool.Options;

/// <summary><c>--cluster ADDRESS</c>: of every command that measures many policies.</summary>
internal static class ClusterOption
{
    private static readonly string[] s_measuring = ["quantize", "search", "compare", "inspect"];

    private static readonly Option<string?> s_address = new("--cluster")
    {
        Description = "Let the workers of this cluster score policies: localhost, redis://HOST, postgres://HOST/DATABASE, or 'off'. In place of HAQ_CLUSTER. The result is the same.", HelpName = "ADDRESS",
    };

    /// <summary>Adds it where it has a meaning.</summary>
    public static void AddTo(Command command)
    {
        if (s_measuring.Contains(command.Name)) command.Options.Add(s_address);
    }

    /// <summary>The cluster that a command works with.</summary>
    /// <exception cref="Haq.Engine.Diagnostics.HaqException">A setting of the cluster is wrong (HAQ0970).</exception>
    public static UserCluster Open(ParseResult parsed, UserCache cache) => UserCluster.Open(parsed.GetValue(s_address), isProjects: false, cache, Console.Error);
}
