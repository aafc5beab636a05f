using System.CommandLine;
using Haq.Engine.Manifest;

namespace Haq.Tool.Options;

/// <summary><c>--sensitivity NAME</c>: how choices are scored, in place of what the manifest says.</summary>
internal static class SensitivityOption
{
    public static Option<string?> Create()
    {
        var option = new Option<string?>("--sensitivity") { Description = "Override how choices are scored by themselves.", HelpName = string.Join('|', Names) };
        option.AcceptOnlyFromAmong(Names);
        return option;
    }

    public static SensitivityMethod? Read(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } name ? Enum.Parse<SensitivityMethod>(name, ignoreCase: true) : null;

    private static string[] Names => [.. Enum.GetNames<SensitivityMethod>().Select(n => n.ToLowerInvariant())];
}
