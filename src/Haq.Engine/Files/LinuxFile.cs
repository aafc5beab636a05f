using System;
using System.IO;
using System.Runtime.InteropServices;

namespace Haq.Engine.Files;

/// <summary>statx(2), whose structure is the same on every processor.</summary>
internal static class LinuxFile
{
    private const int CurrentFolder = -100, NotFound = 2, NotAFolder = 20;
    private const uint BasicFacts = 0x7FF;
    private const int KindMask = 0xF000, Folder = 0x4000, Regular = 0x8000;

    // What .NET calls the epoch of Unix, in ticks.
    private const long Epoch = 621355968000000000;

    private static readonly bool s_isLinux = RuntimeInformation.IsOSPlatform(OSPlatform.Linux);

    /// <summary>False where the system has no such call, or does not answer; what is not there is an answer.</summary>
    public static bool TryStat(string path, out FileFacts facts)
    {
        facts = default;
        if (!s_isLinux || path.Length == 0) return false;
        try
        {
            if (statx(CurrentFolder, path, 0, BasicFacts, out var found) != 0) return Marshal.GetLastWin32Error() is NotFound or NotAFolder;
            int kind = found.Mode & KindMask;
            facts = new FileFacts(
                kind == Folder, kind == Regular, (long)found.Size, found.ModifiedSeconds * 1_000_000_000 + found.ModifiedNanoseconds,
                Epoch + found.ChangedSeconds * TimeSpan.TicksPerSecond + found.ChangedNanoseconds / 100, (long)found.Inode);
            return true;
        }
        catch (Exception e) when (e is EntryPointNotFoundException || e is DllNotFoundException)
        {
            return false;
        }
    }

#pragma warning disable SYSLIB1054, CA1838, CA2101, IDE1006 // The task's framework has no source-generated imports; the name is the C library's; paths are UTF-8 there.
    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int statx(int folder, string path, int flags, uint wanted, out Answer answer);
#pragma warning restore

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private readonly struct Answer
    {
        [FieldOffset(28)] public readonly ushort Mode;
        [FieldOffset(32)] public readonly ulong Inode;
        [FieldOffset(40)] public readonly ulong Size;
        [FieldOffset(96)] public readonly long ChangedSeconds;
        [FieldOffset(104)] public readonly uint ChangedNanoseconds;
        [FieldOffset(112)] public readonly long ModifiedSeconds;
        [FieldOffset(120)] public readonly uint ModifiedNanoseconds;
    }
}
