using System.Globalization;
using System.Text.RegularExpressions;

namespace Haq.Build.Tasks;

/// <summary>One of the engine's errors or warnings, read back from MSBuild's canonical form.</summary>
internal sealed class DiagnosticLine
{
    private static readonly Regex s_form = new Regex(
        @"^(?<origin>.+?)(\((?<line>[0-9]+),(?<column>[0-9]+)\))?: (?<kind>error|warning) (?<code>HAQ[0-9]{4}): (?<text>.*)$", RegexOptions.CultureInvariant);

    private DiagnosticLine(Match match)
    {
        Origin = match.Groups["origin"].Value;
        Line = Number(match.Groups["line"]);
        Column = Number(match.Groups["column"]);
        IsError = match.Groups["kind"].Value == "error";
        Code = match.Groups["code"].Value;
        Text = match.Groups["text"].Value;
    }

    public string Origin { get; }

    public int Line { get; }

    public int Column { get; }

    public bool IsError { get; }

    public string Code { get; }

    public string Text { get; }

    public static DiagnosticLine? Parse(string line)
    {
        var match = s_form.Match(line);
        return match.Success ? new DiagnosticLine(match) : null;
    }

    // MSBuild takes 0 for a place that is not known.
    private static int Number(Group group) => int.TryParse(group.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
}
