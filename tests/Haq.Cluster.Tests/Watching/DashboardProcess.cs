using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace Haq.Cluster.Tests.Watching;

/// <summary>A real <c>haq-dashboard</c>, ended with the test.</summary>
internal sealed class DashboardProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private bool _isGone;

    private DashboardProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Add(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Starts one, and waits until its pages are there.</summary>
    public static DashboardProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var dashboard = new DashboardProcess(Begin(environment, arguments));
        dashboard.WaitFor("watching the cluster");
        return dashboard;
    }

    /// <summary>Waits until it prints something.</summary>
    public void WaitFor(string text)
    {
        for (var watch = Stopwatch.StartNew(); !Output.Contains(text, StringComparison.Ordinal); Thread.Sleep(20))
        {
            if (watch.Elapsed < s_patience && !_process.HasExited) continue;
            string said = Output;
            Dispose();
            Assert.Fail($"the dashboard does not say '{text}': {said}");
        }
    }

    /// <summary>Runs one to its end, which comes at once where it refuses to start.</summary>
    public static async Task<(int Status, string Error)> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var process = Begin(environment, arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(s_patience);
        await output;
        return (process.ExitCode, await error);
    }

    public void Dispose()
    {
        if (_isGone) return;
        _isGone = true;
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static Process Begin(IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        string program = typeof(DashboardProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "HaqDashboard").Value!;
        var start = new ProcessStartInfo("dotnet", ["exec", program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string variable in start.Environment.Keys.Where(k => k.StartsWith("HAQ_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(variable);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private void Add(string? line)
    {
        lock (_output) _output.AppendLine(line);
    }
}
