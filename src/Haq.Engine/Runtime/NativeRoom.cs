using System.Runtime.InteropServices;

namespace Haq.Engine.Runtime;

/// <summary>Memory that ONNX Runtime takes and the garbage collector does not see, and garbage that would stand beside it. Safe for concurrent use.</summary>
internal static partial class NativeRoom
{
    // Less than this is not worth the milliseconds that a collection takes.
    private const long WorthIt = 64L << 20;

    // glibc's names for its settings, and from which size on a block is the system's own.
    private const int TrimThreshold = -1, MapThreshold = -3, OwnBlock = 1 << 20, KeptFree = 16 << 20;

    private static readonly Lock s_collecting = new();

    /// <summary>
    /// Gives garbage back to the system before ONNX Runtime needs gigabytes: quantizing a large network leaves as much behind, which the collector,
    /// seeing half of the process, is in no hurry to collect.
    /// </summary>
    public static void Make() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    /// <summary>
    /// Keeps garbage within an eighth of what the last collection left, and 64 MB. To be called where arrays as large as weights were left behind: the collector waits until there is
    /// several times as much of those as is in use. An array holds no references, so that a collection costs less than writing the next array does.
    /// </summary>
    public static void Bound()
    {
        var last = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        long kept = last.HeapSizeBytes - last.FragmentedBytes;
        if (GC.GetTotalMemory(forceFullCollection: false) - kept < Math.Max(WorthIt, kept / 8) || !s_collecting.TryEnter()) return;
        try
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
        }
        finally
        {
            s_collecting.Exit();
        }
    }

    /// <summary>The same between two stages, where there is enough to give back; what sessions gave back to the C library, which keeps it, goes too.</summary>
    public static void Tidy()
    {
        if (GC.GetTotalMemory(forceFullCollection: false) < WorthIt) return;
        Make();
        OnLinux(() => _ = Trim(0));
    }

    /// <summary>
    /// Has the C library give large blocks back as soon as they are freed. glibc otherwise takes the largest block that was ever freed as the least that it gives back, up to 32 MB,
    /// and keeps the holes between smaller ones: hundreds of megabytes after a few sessions. To be called once, before the first session.
    /// </summary>
    public static void GiveBack() => OnLinux(() =>
    {
        _ = Set(MapThreshold, OwnBlock);
        _ = Set(TrimThreshold, KeptFree);
    });

    private static void OnLinux(Action call)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            call();
        }
        catch (EntryPointNotFoundException)
        {
            // A C library that keeps nothing has no such function.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint pad);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Set(int parameter, int value);
}
