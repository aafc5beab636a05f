using System.CommandLine;

namespace Haq.Tool.Options;

/// <summary><c>--remote-cache URL</c>: of every command that keeps results.</summary>
internal static class RemoteCacheOption
{
    private static readonly string[] s_keeping = ["quantize", "search", "compare", "evaluate", "finetune", "check", "report", "export", "inspect"];

    private static readonly Option<string?> s_address = new("--remote-cache")
    {
        Description = "Take results from this server, and leave there what is made; 'off' for none. In place of HAQ_REMOTE_CACHE. Credentials come from the environment.", HelpName = "URL",
    };

    /// <summary>Adds it where it has a meaning.</summary>
    public static void AddTo(Command command)
    {
        if (s_keeping.Contains(command.Name)) command.Options.Add(s_address);
    }

    /// <summary>The cache that a command works with.</summary>
    /// <exception cref="Haq.Engine.Diagnostics.HaqException">A setting of the shared cache is wrong (HAQ0960).</exception>
    public static UserCache Open(ParseResult parsed) => UserCache.Open(folder: null, parsed.GetValue(s_address), mode: null, isProjects: false, Console.Error);
}
