namespace Haq.Engine.Runtime;

/// <summary>Memory that ONNX Runtime takes and the garbage collector does not see.</summary>
internal static class NativeRoom
{
    /// <summary>
    /// Gives garbage back to the system before ONNX Runtime needs gigabytes: quantizing a large network leaves as much behind, which the collector,
    /// seeing half of the process, is in no hurry to collect.
    /// </summary>
    public static void Make() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
