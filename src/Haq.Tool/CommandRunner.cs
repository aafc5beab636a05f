using System.CommandLine;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Running;

namespace Haq.Tool;

/// <summary>Runs one command line and turns what escapes into one line on stderr and an exit status.</summary>
internal static class CommandRunner
{
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        if (args.Length == 0) args = ["--help"];
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            if (Unknown(root, args) is { } meant) Console.Error.WriteLine(meant);
            else foreach (var error in parsed.Errors) Console.Error.WriteLine($"haq: {error.Message}");
            Console.Error.WriteLine($"Run '{CommandPath(parsed)} --help' to see what it takes.");
            return (int)ExitCode.Usage;
        }
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
        try
        {
            NativeLibraries.Prepare();
            return await parsed.InvokeAsync(configuration);
        }
        catch (Exception e)
        {
            return (int)Escaped(e);
        }
    }

    // Of loops side by side comes what they wrapped. What nobody foresaw is one line as well, and behind it what a report of it needs.
    private static ExitCode Escaped(Exception caught)
    {
        switch (ParallelFailure.Of(caught))
        {
            case HaqException known:
                foreach (var diagnostic in known.Diagnostics) Console.Error.WriteLine(diagnostic);
                return known.Diagnostic.Descriptor.Exit;
            case OperationCanceledException:
                Console.Error.WriteLine($"haq: interrupted. What was finished is kept in '{StageCache.DefaultRoot}', and the same command goes on from there.");
                return ExitCode.Interrupted;
            case IOException or UnauthorizedAccessException:
                Console.Error.WriteLine(DiagnosticCatalog.InputOutput.At(null, $"reading or writing failed: {caught.Message.TrimEnd('.')}. Check the disk and permissions, and run again."));
                return ExitCode.Machine;
            default:
                Console.Error.WriteLine(DiagnosticCatalog.EngineDefect.At(null, $"the engine failed where it should not: {caught.GetType().Name}: {caught.Message} Please report it with what follows."));
                Console.Error.WriteLine(caught);
                return ExitCode.Machine;
        }
    }

    // A word where a command has to be: what was probably meant, or all there are.
    private static string? Unknown(RootCommand root, string[] args)
    {
        if (args[0].StartsWith('-') || root.Subcommands.Any(c => c.Name == args[0] || c.Aliases.Contains(args[0]))) return null;
        string[] names = [.. root.Subcommands.Where(c => !c.Hidden).Select(c => c.Name)];
        return Suggestion.For(args[0], names) is { } meant
            ? $"haq: there is no command '{args[0]}'. Did you mean 'haq {meant}'?"
            : $"haq: there is no command '{args[0]}'. There are {string.Join(", ", names)}.";
    }

    private static string CommandPath(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult) names.Push(result.Command.Name);
        return string.Join(' ', names);
    }
}
