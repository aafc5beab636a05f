using System.CommandLine;
using System.CommandLine.Invocation;

namespace Haq.Tool.Options;

/// <summary><c>--examples</c>: keeps them out of the help, which stays short, and prints them when asked.</summary>
internal static class ExamplesOption
{
    private static readonly string[] s_heads = ["Examples:", "Example:"];

    /// <summary>Takes what follows "Examples:" out of a command's description; a command without any gets no option.</summary>
    public static void AddTo(Command command)
    {
        string text = command.Description ?? "";
        int at = s_heads.Select(h => text.IndexOf(h, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(-1).Min();
        if (at < 0) return;
        string[] examples = [.. text[(text.IndexOf(':', at) + 1)..].Split(['\n', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        command.Description = text[..at].Trim();
        command.Options.Add(new Option<bool>("--examples") { Description = "Show examples of this command.", Action = new Print(examples) });
    }

    private sealed class Print(string[] examples) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            foreach (string example in examples) parseResult.InvocationConfiguration.Output.WriteLine(example);
            return 0;
        }
    }
}
