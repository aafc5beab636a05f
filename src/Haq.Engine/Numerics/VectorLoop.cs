using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Haq.Engine.Numerics;

/// <summary>Something to do at every position of an array, in a register of any width.</summary>
internal interface IVectorOperation
{
    /// <summary>Handles the numbers from <paramref name="at"/> on that fill one register.</summary>
    void At<T>(nint at) where T : unmanaged, ISimd<T>;
}

/// <summary>Something that is written for any register width as a whole.</summary>
internal interface IVectorKernel
{
    void Run<T>() where T : unmanaged, ISimd<T>;
}

/// <summary>The one place that knows which register widths the machine has.</summary>
internal static class VectorLoop
{
    /// <summary>Bits of the widest register that is worth using; 32 is a scalar.</summary>
    public static int Widest =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 32;

    /// <summary>Runs a kernel in a width: <see cref="Widest"/>, unless a test wants another.</summary>
    public static void Dispatch<TKernel>(ref TKernel kernel, int bits) where TKernel : struct, IVectorKernel
    {
        switch (bits)
        {
            case 512:
                kernel.Run<Simd512>();
                break;
            case 256:
                kernel.Run<Simd256>();
                break;
            case 128:
                kernel.Run<Simd128>();
                break;
            default:
                kernel.Run<SimdScalar>();
                break;
        }
    }

    /// <summary>Applies an operation to positions <paramref name="from"/>..<paramref name="to"/>-1: whole registers first, then one number at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T, TOperation>(ref TOperation operation, nint from, nint to)
        where T : unmanaged, ISimd<T>
        where TOperation : struct, IVectorOperation
    {
        var local = operation;
        nint at = from;
        for (; at + T.Count <= to; at += T.Count) local.At<T>(at);
        for (; at < to; at++) local.At<SimdScalar>(at);
        operation = local;
    }
}
