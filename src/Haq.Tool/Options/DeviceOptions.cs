using System.CommandLine;
using Haq.Engine.Evaluation.Devices;
using Haq.Engine.Pipeline;

namespace Haq.Tool.Options;

/// <summary><c>--measure</c>, <c>--run</c>, <c>--ssh</c>: leave to start the command that times candidates on the device, and which one.</summary>
internal sealed class DeviceOptions
{
    private readonly Option<bool> _measure = new("--measure") { Description = "With 'search: {measure: top N}': start the hardware file's 'run:' to time the candidates on the device. Without it no command is started." };
    private readonly Option<string?> _run = new("--run") { Description = "The same with this command, {} being a model's file.", HelpName = "CMD" };
    private readonly Option<string?> _runner = new("--runner") { Description = "On a board or phone: what to start there. Default: the hardware file's 'runner:', or python3 measure.py.", HelpName = "CMD" };
    private readonly Option<string?> _remote = new("--remote") { Description = "On a board or phone: the folder there. Default: the hardware file's 'remote:', or one of its own.", HelpName = "DIR" };
    private readonly SshOptions _ssh = new("The same on a board: copies the files there and runs the runner.");

    public DeviceOptions AddTo(Command command)
    {
        foreach (var option in (Option[])[_measure, _run, .. _ssh.All, _runner, _remote]) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            _ssh.Check(result);
            if (result.GetValue(_run) is not null && _ssh.IsGiven(result)) result.AddError("--run and --ssh exclude each other.");
        });
        return this;
    }

    /// <summary>Null: no command may be started.</summary>
    public DeviceAccess? Access(ParseResult parsed)
    {
        string? command = parsed.GetValue(_run) is { } run ? CommandTemplate.Parse(run, "--run").Text : _ssh.Template(parsed)?.Text;
        return command is null && !parsed.GetValue(_measure) ? null : new DeviceAccess { Run = command, Runner = parsed.GetValue(_runner), Remote = parsed.GetValue(_remote) };
    }
}
