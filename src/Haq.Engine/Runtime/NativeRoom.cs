using System.Runtime.InteropServices;

namespace Haq.Engine.Runtime;

/// <summary>Memory that ONNX Runtime takes and the garbage collector does not see.</summary>
internal static partial class NativeRoom
{
    // Less than this is not worth the milliseconds that a collection takes.
    private const long WorthIt = 64L << 20;

    /// <summary>
    /// Gives garbage back to the system before ONNX Runtime needs gigabytes: quantizing a large network leaves as much behind, which the collector,
    /// seeing half of the process, is in no hurry to collect.
    /// </summary>
    public static void Make() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    /// <summary>The same between two stages, where there is enough to give back; what sessions gave back to the C library, which keeps it, goes too.</summary>
    public static void Tidy()
    {
        if (GC.GetTotalMemory(forceFullCollection: false) < WorthIt) return;
        Make();
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library that keeps nothing has no such function.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint pad);
}
