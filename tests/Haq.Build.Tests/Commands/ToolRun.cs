using System.Text.Json;
using Haq.Engine.Diagnostics;
using Haq.Tool;

namespace Haq.Build.Tests.Commands;

/// <summary>One command line, run in this process: its exit status and what it printed.</summary>
internal sealed record ToolRun(ExitCode Exit, string Output, string Error)
{
    public static ToolRun Of(params string[] arguments)
    {
        var (output, error) = (Console.Out, Console.Error);
        using var printed = new StringWriter();
        using var complained = new StringWriter();
        Console.SetOut(printed);
        Console.SetError(complained);
        try
        {
            int exit = CommandRunner.RunAsync(CommandList.Root(), arguments).GetAwaiter().GetResult();
            return new ToolRun((ExitCode)exit, printed.ToString(), complained.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    /// <summary>The whole output as one JSON document.</summary>
    public JsonElement Json()
    {
        Assert.True(Exit == ExitCode.Ok, Error);
        return JsonDocument.Parse(Output).RootElement;
    }

    /// <summary>Standard output of a run that went well.</summary>
    public string Succeeded()
    {
        Assert.True(Exit == ExitCode.Ok, $"{Exit}: {Error}");
        return Output;
    }

    /// <summary>One error with this code on standard error, nothing on standard output, and this exit status.</summary>
    public void Failed(ExitCode exit, string code)
    {
        Assert.Equal("", Output);
        Assert.Contains($"error {code}: ", Error, StringComparison.Ordinal);
        Assert.Equal(exit, Exit);
    }

    /// <summary>The command line itself is wrong: the parser's sentence, where to read on, exit status 2.</summary>
    public void Misused(string command, string sentence)
    {
        Assert.Equal("", Output);
        Assert.Contains(sentence, Error, StringComparison.Ordinal);
        Assert.EndsWith($"Run '{CommandList.Root().Name} {command} --help' to see what it takes.\n", Error.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, Exit);
    }
}
