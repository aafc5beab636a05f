namespace Haq.Build.Tests.Builds;

/// <summary>Runs a command line in a pseudo-terminal that util-linux's <c>script</c> makes.</summary>
internal static class PseudoTerminal
{
    private const string Program = "/usr/bin/script";

    /// <summary>There is one to be had.</summary>
    public static bool IsHere => OperatingSystem.IsLinux() && File.Exists(Program);

    /// <summary>Runs it to its end.</summary>
    /// <param name="folder">The working folder.</param>
    /// <param name="cache">The stage cache.</param>
    /// <param name="command">For the shell.</param>
    /// <param name="columns">The terminal's width.</param>
    public static DotNetResult Run(string folder, string cache, string command, int columns = 400)
    {
        using var process = DotNet.Start(Program, folder, cache, ["-qec", $"stty cols {columns} rows 50; {command}", "/dev/null"], [("TERM", "xterm-256color")]);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new DotNetResult(process.ExitCode, output);
    }
}
