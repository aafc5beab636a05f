using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>Sums of the products of neighbouring 16-bit integers: AVX2's <c>vpmaddwd</c>, or with what is added in one instruction where the processor has <c>vpdpwssd</c>. The same sums.</summary>
internal static class IntegerProducts
{
    /// <summary>The sums of neighbours' products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Of(Vector256<short> x, Vector256<short> y) => Avx2.MultiplyAddAdjacent(x, y);

    /// <summary>The same, added to others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> sums, Vector256<short> x, Vector256<short> y) =>
        AvxVnni.IsSupported ? AvxVnni.MultiplyWideningAndAdd(sums, x, y) : sums + Avx2.MultiplyAddAdjacent(x, y);
}
