using System.Runtime.InteropServices;

namespace Haq.Engine.Runtime;

/// <summary>Memory that ONNX Runtime takes and the garbage collector does not see.</summary>
internal static partial class NativeRoom
{
    // Less than this is not worth the milliseconds that a collection takes.
    private const long WorthIt = 64L << 20;
    private const long LargeArray = 1L << 20;

    // Milliseconds between two collections.
    private const long Pause = 3000;

    private static long s_behind;
    private static long s_last;

    /// <summary>
    /// Gives garbage back to the system before ONNX Runtime needs gigabytes: quantizing a large network leaves as much behind, which the collector,
    /// seeing half of the process, is in no hurry to collect.
    /// </summary>
    public static void Make() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    /// <summary>Something has left so many bytes behind, as a serialized model once its session is made. Large arrays wait long for a collection, and there are a dozen of them by then.</summary>
    public static void LeftBehind(long bytes)
    {
        if (bytes < LargeArray || Interlocked.Add(ref s_behind, bytes) < WorthIt) return;
        if (!IsTime()) return;
        Interlocked.Exchange(ref s_behind, 0);
        Make();
    }

    /// <summary>The same between two stages, where there is enough to give back; what sessions gave back to the C library, which keeps it, goes too.</summary>
    public static void Tidy()
    {
        if (GC.GetTotalMemory(forceFullCollection: false) < WorthIt || !IsTime()) return;
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

    // A collection stops every thread for tens of milliseconds.
    private static bool IsTime()
    {
        long now = Environment.TickCount64, last = Volatile.Read(ref s_last);
        return (last == 0 || now - last >= Pause) && Interlocked.CompareExchange(ref s_last, now, last) == last;
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint pad);
}
