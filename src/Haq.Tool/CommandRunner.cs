using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Running;
using Haq.Tool.Output;

namespace Haq.Tool;

/// <summary>Runs one command line and turns what escapes into one line on stderr and an exit status.</summary>
internal static partial class CommandRunner
{
    private const int StandardError = 2;

    // Neither SIGHUP, which nohup may have turned off, nor SIGQUIT.
    private static readonly PosixSignal[] s_interrupting = [PosixSignal.SIGINT, PosixSignal.SIGTERM];

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        if (args.Length == 0) args = ["--help"];
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            if (Unknown(root, args) is { } meant) Console.Error.WriteLine(meant);
            else foreach (var error in parsed.Errors) Console.Error.WriteLine($"haq: {ParseWords.Of(error)}");
            Console.Error.WriteLine($"Run '{CommandPath(parsed)} --help' to see what it takes.");
            return (int)ExitCode.Usage;
        }
        // System.CommandLine's own way to end, a time that a command has after a signal, fails at a second signal.
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        // What cannot be asked to stop is quick, and a signal ends it as it ends any program.
        using var interruption = parsed.Action is AsynchronousCommandLineAction ? new Interruption(s_interrupting, SayStopping) : null;
        try
        {
            NativeLibraries.Prepare();
            return await parsed.InvokeAsync(configuration, interruption?.Token ?? CancellationToken.None);
        }
        catch (Exception e)
        {
            return (int)Escaped(e);
        }
    }

    // The console writes to one stream only while it has all of them to itself, which it has not while nobody reads what a command prints.
    private static void SayStopping()
    {
        // On a terminal it stands behind a line of progress that the next one would write over.
        byte[] text = Encoding.UTF8.GetBytes((Console.IsErrorRedirected ? "" : Environment.NewLine) + "haq: stopping, and keeping what is finished. Press Ctrl-C again to end at once." + Environment.NewLine);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                using var error = Console.OpenStandardError();
                error.Write(text);
                return;
            }
            // Not as a file, which has a position of its own: where both streams go to one, the next line would stand over this one.
            for (int written = 0; written < text.Length;)
            {
                nint count = Write(StandardError, text.AsSpan(written), text.Length - written);
                if (count <= 0) return;
                written += (int)count;
            }
        }
        catch (IOException)
        {
            return; // there is no standard error, and nothing else to do about it
        }
    }

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int file, ReadOnlySpan<byte> bytes, nint count);

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
