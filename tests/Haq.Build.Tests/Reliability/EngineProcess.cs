using System.Diagnostics;
using System.Globalization;
using System.Text;
using Haq.Build.Protocol;
using Haq.Tool.BuildHost;

namespace Haq.Build.Reliability;

/// <summary>The engine in a process of its own, started as the MSBuild task starts it.</summary>
internal static class EngineProcess
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs a build to its end, or to the moment in which it is killed.</summary>
    /// <param name="request">What to build.</param>
    /// <param name="killAfter">When; null to let it end.</param>
    /// <param name="killParent">Kill the process that asked instead; the engine has to see that for itself.</param>
    /// <param name="environment">Set for the engine.</param>
    /// <param name="umask">In octal, as the shell takes it.</param>
    /// <param name="user">The number of the user that it runs as (<see cref="OtherUser"/>); null for this process's own.</param>
    public static EngineEnd Run(BuildRequest request, TimeSpan? killAfter = null, bool killParent = false, IReadOnlyDictionary<string, string>? environment = null, string umask = "022",
        int? user = null)
    {
        Directory.CreateDirectory(request.ObjectDirectory);
        string file = Path.Combine(request.ObjectDirectory, string.Create(CultureInfo.InvariantCulture, $"{BuildRequest.FilePrefix}{Environment.ProcessId}.{Guid.NewGuid():N}"));
        File.WriteAllText(file, request.Write());
        // The shell stands for MSBuild; where nobody is to be killed but the engine it hands its place over.
        string other = user is { } number ? string.Create(CultureInfo.InvariantCulture, $"setpriv --reuid {number} --regid {number} --clear-groups ") : "";
        string engine = $"{other}dotnet exec '{typeof(BuildSession).Assembly.Location}' {BuildRequest.Verb} '@{file}'";
        string script = killParent ? $"umask {umask}; echo parent=$$ >> '{file}'; {engine}; exit $?" : $"umask {umask}; exec {engine}";
        var start = new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HAQ_CACHE"] = request.CacheDirectory;
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        if (user is not null) start.Environment["HOME"] = request.ProjectDirectory;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var said = new StringBuilder();
        process.OutputDataReceived += (_, e) => Append(said, e.Data);
        process.ErrorDataReceived += (_, e) => Append(said, e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var clock = Stopwatch.StartNew();
        bool killed = killAfter is { } moment && !process.WaitForExit(moment);
        if (killed) process.Kill();
        // Output is at its end when every process that holds it is: the engine's as well.
        bool ended = WaitForAll(process);
        File.Delete(file);
        lock (said) return new EngineEnd(killed ? null : process.ExitCode, said.ToString(), clock.Elapsed, IsOrphaned: !ended) { IsEffective = killAfter is null || killed };
    }

    private static bool WaitForAll(Process process)
    {
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            process.WaitForExitAsync(patience.Token).GetAwaiter().GetResult();
            return true;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return false;
        }
    }

    private static void Append(StringBuilder text, string? line)
    {
        lock (text) if (line is not null) text.Append(line).Append('\n');
    }
}

/// <summary>How an engine ended.</summary>
/// <param name="ExitCode">Null where it was killed.</param>
/// <param name="Said">Its output.</param>
/// <param name="Elapsed">How long it ran.</param>
/// <param name="IsOrphaned">It outlived whoever asked by minutes.</param>
internal sealed record EngineEnd(int? ExitCode, string Said, TimeSpan Elapsed, bool IsOrphaned)
{
    /// <summary>Something went wrong for it: it was at work when it was to be killed, or made the call that was to fail.</summary>
    public bool IsEffective { get; init; } = true;

    /// <summary>The lines that are errors.</summary>
    public IReadOnlyList<string> Errors => [.. Said.Split('\n').Where(line => line.Contains(": error HAQ", StringComparison.Ordinal))];
}
