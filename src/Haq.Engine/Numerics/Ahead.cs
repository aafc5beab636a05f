using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Haq.Engine.Numerics;

/// <summary>
/// Asks for cache lines before they are needed. The processor sees for itself what comes next within a page; planes of a channel are pages apart.
/// </summary>
internal static unsafe class Ahead
{
    /// <summary>Has the line at an address come closer, where the machine can be asked; the address may be anything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(float* line)
    {
        if (Sse.IsSupported) Sse.Prefetch0(line);
    }
}
