using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Haq.Build.Tests.Commands;

/// <summary>A real sshd on a free port of the loopback interface, with keys and a configuration of its own, that lets the current user in; and an ssh config that knows it as <c>board</c>.</summary>
internal sealed class LoopbackSsh : IDisposable
{
    private const int Attempts = 5;

    private static readonly string[] s_daemons = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("haq-ssh-").FullName;
    private Process? _daemon;

    private LoopbackSsh()
    {
    }

    /// <summary>For <c>ssh -F</c>.</summary>
    public string Config => Path.Combine(_folder, "config");

    /// <summary>The server; null, and why, where none can be had.</summary>
    public static LoopbackSsh? Start(out string why)
    {
        if (OperatingSystem.IsWindows()) return Without("the server's paths and permissions are those of a POSIX system", out why);
        string? program = s_daemons.FirstOrDefault(File.Exists);
        if (program is null) return Without("there is no sshd (openssh-server)", out why);
        var server = new LoopbackSsh();
        if (server.Begin(program) is not { } trouble)
        {
            why = "";
            return server;
        }
        server.Dispose();
        return Without(trouble, out why);
    }

    /// <summary>Ends the server and every connection.</summary>
    public void Dispose()
    {
        End();
        Directory.Delete(_folder, recursive: true);
    }

    private static LoopbackSsh? Without(string reason, out string why)
    {
        why = reason;
        return null;
    }

    private string? Begin(string program)
    {
        // What the server's own start script makes; others than root need none.
        if (Environment.UserName == "root") Directory.CreateDirectory("/run/sshd");
        foreach (string key in (string[])["host", "user"])
            if (Run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(_folder, key)]) is { } failed) return failed;
        string host = string.Join(' ', File.ReadAllText(Path.Combine(_folder, "host.pub")).Split(' ').Take(2));
        string? trouble = null;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            int port = FreePort();
            File.WriteAllText(Path.Combine(_folder, "sshd_config"), $"""
                ListenAddress 127.0.0.1
                Port {port}
                HostKey {_folder}/host
                AuthorizedKeysFile {_folder}/user.pub
                PidFile none
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                PermitRootLogin yes

                """);
            File.WriteAllText(Path.Combine(_folder, "known_hosts"), $"[127.0.0.1]:{port} {host}\n");
            File.WriteAllText(Config, $"""
                Host board
                    HostName 127.0.0.1
                    Port {port}
                    User {Environment.UserName}
                    IdentityFile {_folder}/user
                    IdentitiesOnly yes
                    UserKnownHostsFile {_folder}/known_hosts
                    StrictHostKeyChecking yes
                    BatchMode yes

                """);
            _daemon = Process.Start(new ProcessStartInfo(program, ["-D", "-f", Path.Combine(_folder, "sshd_config"), "-E", Path.Combine(_folder, "log")]))!;
            if (Listens(port)) trouble = Run("ssh", ["-F", Config, "board", "true"]);
            else trouble = "sshd does not start";
            if (trouble is null) return null;
            End();
        }
        return $"{trouble}: {(File.Exists(Path.Combine(_folder, "log")) ? File.ReadAllText(Path.Combine(_folder, "log")) : "it says nothing")}";
    }

    private bool Listens(int port)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < s_patience && !_daemon!.HasExited)
        {
            try
            {
                using var client = new TcpClient("127.0.0.1", port);
                return true;
            }
            catch (SocketException)
            {
                Thread.Sleep(10);
            }
        }
        return false;
    }

    private void End()
    {
        if (_daemon is not { } daemon) return;
        daemon.Kill(entireProcessTree: true);
        daemon.WaitForExit();
        daemon.Dispose();
        _daemon = null;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // What it complains of, or null.
    private static string? Run(string program, string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            string complaint = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"{program} ended with status {process.ExitCode}: {complaint.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return $"{program}: {e.Message}";
        }
    }
}
