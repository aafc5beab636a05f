using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Haq.Cluster.Tests;

/// <summary>A real <c>haq worker</c>, ended with the test.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private bool _isStopped;

    private WorkerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Add(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Starts one, and waits until it is connected.</summary>
    public static WorkerProcess Start(IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        var worker = Begin(environment, arguments);
        worker.WaitFor("connected to the cluster");
        return worker;
    }

    /// <summary>Starts one.</summary>
    public static WorkerProcess Begin(IReadOnlyDictionary<string, string> environment, string[] arguments) => new(Run(environment, ["worker", .. arguments]));

    /// <summary>Starts <c>haq</c>.</summary>
    public static Process Run(IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "haq.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string variable in start.Environment.Keys.Where(k => k.StartsWith("HAQ_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(variable);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Waits until it prints something, as often as that.</summary>
    public void WaitFor(string text, int times = 1)
    {
        var watch = Stopwatch.StartNew();
        while (Output.Split(text).Length <= times)
        {
            if (watch.Elapsed > s_patience || _process.HasExited) Assert.Fail($"the worker did not say '{text}'{(_process.HasExited ? $" and ended with {_process.ExitCode}" : "")}: {Output}");
            Thread.Sleep(20);
        }
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGSTOP: the process is there and does nothing, as if the network to it were cut.</summary>
    public void Stop()
    {
        Signal("STOP");
        _isStopped = true;
    }

    /// <summary>SIGCONT.</summary>
    public void Continue()
    {
        Signal("CONT");
        _isStopped = false;
    }

    /// <summary>SIGTERM, and waits for its end.</summary>
    /// <returns>Its exit status.</returns>
    public int Terminate()
    {
        Signal("TERM");
        Assert.True(_process.WaitForExit(s_patience), $"the worker does not end: {Output}");
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (_isStopped) Continue();
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private void Add(string? line)
    {
        lock (_output) _output.AppendLine(line);
    }
}
