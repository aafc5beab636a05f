using System.Runtime.InteropServices;

namespace Haq.Benchmarks.Scale;

/// <summary>
/// What the calling thread has computed so far. Unlike the time of day, other work on the machine hardly changes it; unlike that of the process, compiling and collecting in the background are no
/// part of it.
/// </summary>
internal static partial class ProcessorTime
{
    private const int OfThread = 3;

    public static double Seconds()
    {
        if (!OperatingSystem.IsLinux() || Now(OfThread, out var time) != 0) return Environment.CpuUsage.TotalTime.TotalSeconds;
        return time.Seconds + 1e-9 * time.Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Now(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
