using System.CommandLine;
using System.CommandLine.Parsing;
using Haq.Engine.Evaluation.Devices;

namespace Haq.Tool.Options;

/// <summary><c>--ssh HOST</c>, and what stands between <c>ssh</c> and the host. Hosts, keys and ports of the user's own ssh config count by themselves.</summary>
internal sealed class SshOptions(string description)
{
    // A connection that is gone is noticed within a minute.
    private const string Alive = "-o ServerAliveInterval=15 -o ServerAliveCountMax=3";

    private readonly Option<string?> _host = new("--ssh") { Description = description, HelpName = "USER@HOST" };

    private readonly Option<string?> _options = new("--ssh-options")
    {
        Description = "With --ssh: options of ssh, as in '-p 2222 -i board.key' or '-F FILE' for another config. Default: what ~/.ssh/config says of the host.", HelpName = "OPTIONS",
    };

    private readonly Option<string> _command = new("--ssh-command") { Description = "With --ssh: another program in its place.", HelpName = "CMD", DefaultValueFactory = _ => "ssh" };

    public IEnumerable<Option> All => [_host, _options, _command];

    public void Check(CommandResult result)
    {
        if (result.GetValue(_host) is ['-', ..]) result.AddError("--ssh needs a host, such as user@board; options of ssh go to --ssh-options");
        if (result.GetValue(_host) is null && result.GetValue(_options) is not null) result.AddError("--ssh-options needs --ssh, the host that they are for.");
    }

    public bool IsGiven(CommandResult result) => result.GetValue(_host) is not null;

    /// <summary>The host; null without one.</summary>
    public string? Host(ParseResult parsed) => parsed.GetValue(_host);

    /// <summary>Has the host run a command; null without a host.</summary>
    public CommandTemplate? Template(ParseResult parsed)
    {
        if (Host(parsed) is not { } host) return null;
        string options = parsed.GetValue(_options) is { Length: > 0 } given ? given + " " : "";
        string command = parsed.GetValue(_command)!;
        // Of two values of one option ssh takes the first: what is given comes before what is usual.
        string usual = command == "ssh" ? Alive + " " : "";
        return CommandTemplate.Parse($"{command} {options}{usual}{CommandTemplate.Quoted(host)} {CommandTemplate.Place}", "--ssh");
    }
}
