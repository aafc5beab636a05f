using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Haq.Cluster.Tests.Servers;

/// <summary>A real server on loopback, ended with the test.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private ServerProcess(Process process) => _process = process;

    /// <summary>Starts it, and waits until it listens.</summary>
    public static ServerProcess Start(string program, IEnumerable<string> arguments, int port)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        // Read, so that the server never waits for room in the pipe.
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new ServerProcess(process);
        for (var watch = Stopwatch.StartNew(); !Listens(port); Thread.Sleep(20))
        {
            if (watch.Elapsed < s_patience && !process.HasExited) continue;
            server.Dispose();
            Assert.Fail($"{program} does not listen on port {port}");
        }
        return server;
    }

    /// <summary>Runs a program to its end.</summary>
    public static void Run(string program, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        Assert.True(process.WaitForExit(s_patience), $"{program} does not end");
        Assert.True(process.ExitCode == 0, $"{program}: {output.Result}{error.Result}");
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Where one of these files is; null where none is.</summary>
    public static string? Find(string name, params IEnumerable<string> folders) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(folders).Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists);

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private static bool Listens(int port)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
