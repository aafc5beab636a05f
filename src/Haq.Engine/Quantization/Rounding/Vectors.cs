using System.Runtime.Intrinsics;

namespace Haq.Engine.Quantization.Rounding;

/// <summary>Sums over float64 vectors in an order that does not depend on the machine.</summary>
internal static class Vectors
{
    /// <summary>The inner product; both have the same length.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        int lanes = Vector256<double>.Count, i = 0;
        var sum = Vector256<double>.Zero;
        for (; i <= a.Length - lanes; i += lanes) sum += Vector256.LoadUnsafe(in a[i]) * Vector256.LoadUnsafe(in b[i]);
        double result = Vector256.Sum(sum);
        for (; i < a.Length; i++) result += a[i] * b[i];
        return result;
    }

    /// <summary>target += factor · source.</summary>
    public static void AddScaled(Span<double> target, ReadOnlySpan<double> source, double factor)
    {
        int lanes = Vector256<double>.Count, i = 0;
        for (; i <= target.Length - lanes; i += lanes) (Vector256.LoadUnsafe(ref target[i]) + Vector256.LoadUnsafe(in source[i]) * factor).StoreUnsafe(ref target[i]);
        for (; i < target.Length; i++) target[i] += source[i] * factor;
    }
}
