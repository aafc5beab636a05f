using System;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Haq.Engine.Files;

/// <summary>Where links lead in the end.</summary>
internal static class LinkTarget
{
    private static readonly bool s_isWindows = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

    /// <summary>The path with every link in it followed; null where it leads nowhere.</summary>
    public static string? Of(string path)
    {
        if (s_isWindows) return OnWindows(path);
        IntPtr found = realpath(path, IntPtr.Zero);
        if (found == IntPtr.Zero) return null;
        try
        {
            return Marshal.PtrToStringAnsi(found);
        }
        finally
        {
            free(found);
        }
    }

    private static string? OnWindows(string path)
    {
        const uint shareAll = 7, openExisting = 3, folderToo = 0x02000000;
        using (var handle = CreateFileW(path, 0, shareAll, IntPtr.Zero, openExisting, folderToo, IntPtr.Zero))
        {
            if (handle.IsInvalid) return null;
            var text = new StringBuilder(32768);
            uint length = GetFinalPathNameByHandleW(handle, text, (uint)text.Capacity, 0);
            if (length == 0 || length >= text.Capacity) return null;
            string full = text.ToString();
            return full.StartsWith(@"\\?\UNC\", StringComparison.Ordinal) ? @"\\" + full.Substring(8) : full.StartsWith(@"\\?\", StringComparison.Ordinal) ? full.Substring(4) : full;
        }
    }

#pragma warning disable SYSLIB1054, CA1838, CA2101, IDE1006 // The task's framework has no source-generated imports; the names are the C library's; paths are UTF-8 there.
    [DllImport("libc", CharSet = CharSet.Ansi)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern IntPtr realpath(string path, IntPtr resolved);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void free(IntPtr memory);

    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern SafeFileHandle CreateFileW(string name, uint access, uint share, IntPtr security, uint disposition, uint flags, IntPtr template);

    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern uint GetFinalPathNameByHandleW(SafeFileHandle file, StringBuilder path, uint length, uint flags);
#pragma warning restore
}
