using System.CommandLine;
using Haq.Engine.Diagnostics;

namespace Haq.Tool;

/// <summary>Runs one command line and turns what escapes into one line on stderr and an exit status.</summary>
internal static class CommandRunner
{
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) Console.Error.WriteLine($"haq: {error.Message}");
            Console.Error.WriteLine($"Run '{CommandPath(parsed)} --help' to see what it takes.");
            return (int)ExitCode.Usage;
        }
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
        try
        {
            NativeLibraries.Prepare();
            return await parsed.InvokeAsync(configuration);
        }
        catch (HaqException e)
        {
            foreach (var diagnostic in e.Diagnostics) Console.Error.WriteLine(diagnostic);
            return (int)e.Diagnostic.Descriptor.Exit;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("haq: interrupted");
            return (int)ExitCode.Interrupted;
        }
    }

    private static string CommandPath(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult) names.Push(result.Command.Name);
        return string.Join(' ', names);
    }
}
