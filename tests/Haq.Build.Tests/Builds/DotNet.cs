using System.Diagnostics;
using System.Text;

namespace Haq.Build.Tests.Builds;

/// <summary>A dotnet command and what it said.</summary>
internal sealed record DotNetResult(int ExitCode, string Output)
{
    /// <summary>How often the task started the engine.</summary>
    public int EngineStarts => Count("Haq: the engine is started");

    public int Count(string text) => Output.Split(text).Length - 1;

    public DotNetResult Succeeded()
    {
        Assert.True(ExitCode == 0, Output);
        return this;
    }

    public DotNetResult Failed()
    {
        Assert.True(ExitCode != 0, Output);
        return this;
    }
}

/// <summary>Runs the SDK as a user would, without what this test's own dotnet left in the environment.</summary>
internal static class DotNet
{
    private static readonly string[] s_inherited = ["MSBUILD", "DOTNET_HOST_PATH", "DOTNET_CLI", "VSTEST", "TESTINGPLATFORM"];

    public static DotNetResult Run(string folder, string cache, params string[] arguments)
    {
        using var process = Start(folder, cache, arguments);
        var text = new StringBuilder();
        void Add(string? line)
        {
            lock (text) text.Append(line).Append('\n');
        }
        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Add(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        return new DotNetResult(process.ExitCode, text.ToString());
    }

    public static Process Start(string folder, string cache, params string[] arguments) => Start("dotnet", folder, cache, arguments, []);

    public static Process Start(string program, string folder, string cache, string[] arguments, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string name in start.Environment.Keys.Where(k => s_inherited.Any(p => k.StartsWith(p, StringComparison.OrdinalIgnoreCase))).ToArray())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["HAQ_CACHE"] = cache;
        start.Environment["HAQ_REMOTE_CACHE"] = "off";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
