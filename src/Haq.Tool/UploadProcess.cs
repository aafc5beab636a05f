using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Haq.Engine.Pipeline.Remote;

namespace Haq.Tool;

/// <summary>
/// Sends what waits in a process of its own, so that nobody waits for it: <c>haq cache upload --background</c>. Credentials reach it through the environment, as they reached this one.
/// </summary>
internal static partial class UploadProcess
{
    /// <summary>Starts it; where that cannot be, what waits is sent another time.</summary>
    /// <param name="root">The local cache.</param>
    /// <param name="settings">The shared one.</param>
    public static void Start(string root, RemoteSettings settings)
    {
        string engine = typeof(UploadProcess).Assembly.Location;
        string host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        // None of this process's pipes may stay open in it: MSBuild, and whoever reads what a command prints, waits until they are closed.
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo(host) { UseShellExecute = true, WindowStyle = ProcessWindowStyle.Hidden }
            : new ProcessStartInfo(host) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.WorkingDirectory = root;
        foreach (string argument in (string[])["exec", engine, "cache", "upload", "--background", "--folder", root, "--remote-cache", settings.Address.AbsoluteUri]) start.ArgumentList.Add(argument);
        try
        {
            using var process = Process.Start(start);
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return;
        }
    }

    /// <summary>Leaves the session of whoever started this process: what is typed at his terminal, and its being closed, is not meant for it.</summary>
    public static void Detach()
    {
        if (!OperatingSystem.IsWindows()) _ = SetSession();
        Console.SetOut(TextWriter.Null);
        Console.SetError(TextWriter.Null);
    }

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    private static partial int SetSession();
}
