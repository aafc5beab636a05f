using System.CommandLine;
using Haq.Engine.Diagnostics;

namespace Haq.Tool.Commands;

/// <summary><c>haq explain [CODE]</c></summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var code = new Argument<string?>("CODE") { Description = "For example HAQ0203, or 203. Without one, all codes are listed.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("explain", "Print what an error or a warning means and what to do about it. Example: haq explain HAQ0203") { code };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(code) is { } given) Console.Write(PageOf(given));
            else foreach (var known in DiagnosticCatalog.All) Console.WriteLine($"{known.Code}  {known.Title}");
        });
        return command;
    }

    /// <exception cref="HaqException">There is no such code.</exception>
    private static string PageOf(string given)
    {
        string code = given.Trim().ToUpperInvariant();
        if (code.Length <= 4 && code.All(char.IsAsciiDigit)) code = $"HAQ{code.PadLeft(4, '0')}";
        using var page = typeof(ExplainCommand).Assembly.GetManifestResourceStream(code);
        if (page is null)
        {
            string? meant = Suggestion.For(code, DiagnosticCatalog.All.Select(d => d.Code));
            throw DiagnosticCatalog.InvalidValue.Error("haq explain", $"there is no code '{given}'{(meant is null ? "" : $"; did you mean '{meant}'?")}. 'haq explain' lists them all.");
        }
        using var reader = new StreamReader(page);
        return reader.ReadToEnd();
    }
}
