using System.CommandLine;
using Haq.Engine.Dialects;

namespace Haq.Tool.Options;

/// <summary><c>--target</c> and what goes with it.</summary>
internal sealed class ConformanceOptions
{
    public Option<string?> Target { get; } = new("--target")
    {
        Description = "Hold a model against what a toolchain takes: a built-in target, or the path of a target file.",
        HelpName = string.Join('|', DialectCatalog.BuiltInNames),
    };

    public Option<string[]> Allow { get; } = new("--allow")
    {
        Description = "With --target: a node that may fall back, by name or pattern (*, ?). May be given several times.",
        HelpName = "NODE",
        DefaultValueFactory = _ => [],
    };

    public Option<bool> Json { get; } = new("--json") { Description = "With --target: print JSON." };

    /// <summary>Refuses options that mean nothing beside each other.</summary>
    public void Validate(Command command, params Option[] others) => command.Validators.Add(result =>
    {
        bool checksTarget = result.GetResult(Target) is { Implicit: false };
        if (checksTarget && command.Arguments.Any(a => result.GetResult(a) is not { Tokens.Count: > 0 })) result.AddError("--target needs a model: haq check --target NAME MODEL.onnx");
        foreach (var option in checksTarget ? others : [Allow, Json])
            if (result.GetResult(option) is { Implicit: false }) result.AddError($"{option.Name} {(checksTarget ? "does not go with" : "needs")} --target");
    });
}
