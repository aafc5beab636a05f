using System.CommandLine;
using Haq.Engine.Pipeline;

namespace Haq.Tool.Options;

/// <summary><c>--budget</c> and <c>--hardware</c>: another budget or target than the manifest's, to try out. The lock file stays as it is.</summary>
internal sealed class TargetOptions
{
    private readonly Option<string?> _budget = new("--budget") { Description = "Another budget than the manifest's, in its words: \"latency: 0.6x, size: 2 MB\".", HelpName = "BUDGET" };
    private readonly Option<string?> _hardware = new("--hardware") { Description = "Another target than the manifest's: a built-in name or a hardware file.", HelpName = "NAME" };

    /// <summary>Of a command that takes several targets, with commas between.</summary>
    public static TargetOptions OfMany()
    {
        var options = new TargetOptions();
        (options._hardware.Description, options._hardware.HelpName) = ("Other targets than the manifest's own: built-in names or hardware files, with commas between. Several make a matrix.", "NAME,…");
        return options;
    }

    /// <summary>What <c>--hardware</c> says; null where it is not given.</summary>
    public string? Hardware(ParseResult parsed) => parsed.CommandResult.GetResult(_hardware)?.GetValueOrDefault<string>();

    /// <summary>Adds both to a command, or the budget alone where the command has a <c>--hardware</c> of its own.</summary>
    public TargetOptions AddTo(Command command, bool withHardware = true)
    {
        command.Options.Add(_budget);
        if (withHardware) command.Options.Add(_hardware);
        return this;
    }

    /// <summary>What a run is asked for, with these.</summary>
    public PipelineOptions Apply(ParseResult parsed, PipelineOptions options) =>
        options with { Budget = parsed.GetValue(_budget), Hardware = options.Hardware ?? Hardware(parsed) };
}
