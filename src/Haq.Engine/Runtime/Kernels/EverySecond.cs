using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>Every second number of a row, four at a time.</summary>
internal static unsafe class EverySecond
{
    /// <summary>to[i] = from[2·i] for the first whole fours of <paramref name="count"/>, whose last reads no number that is not between two of the row.</summary>
    /// <returns>How many were copied.</returns>
    public static int Read(float* from, float* to, int count)
    {
        int i = 0;
        // Eight numbers are read for four: one beyond the last that counts, so the last four are left to the caller.
        for (; i + 4 < count; i += 4)
        {
            var (a, b) = (Vector128.Load(from + 2 * i), Vector128.Load(from + 2 * i + 4));
            if (Sse.IsSupported) Sse.Shuffle(a, b, 0b10_00_10_00).Store(to + i);
            else if (AdvSimd.Arm64.IsSupported) AdvSimd.Arm64.UnzipEven(a, b).Store(to + i);
            else return i;
        }
        return i;
    }
}
