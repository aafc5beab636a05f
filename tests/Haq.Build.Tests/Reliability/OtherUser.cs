using System.Diagnostics;
using System.Globalization;

namespace Haq.Build.Reliability;

/// <summary>Builds as users of their own, which only root can make.</summary>
internal static class OtherUser
{
    /// <summary>The numbers of two users that own nothing else.</summary>
    public const int First = 23_001, Second = 23_002;

    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>This process is root on a system that has users.</summary>
    public static bool IsAvailable => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Exists("setpriv");

    /// <summary>Gives a project to a user, in a folder that everybody may enter.</summary>
    public static void Own(TrialProject project, int user)
    {
        Directory.CreateDirectory(project.Objects);
        Open(Path.GetDirectoryName(project.Folder)!);
        Run("chown", "-R", user.ToString(CultureInfo.InvariantCulture), project.Folder);
    }

    /// <summary>Makes a folder that everybody may write to.</summary>
    public static void Share(string folder)
    {
        Directory.CreateDirectory(folder);
        Open(folder);
        Open(Path.GetDirectoryName(folder)!);
    }

    /// <summary>Takes the right to write from everybody but root, in a folder and all below it, or gives it to the owner.</summary>
    public static void Protect(string folder, bool isProtected) => Run("chmod", "-R", isProtected ? "a-w,a+rX" : "u+w", folder);

    private static void Open(string folder)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, Everybody);
    }

    private static bool Exists(string command) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, command)));

    private static void Run(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{command} ended with status {process.ExitCode}");
    }
}
