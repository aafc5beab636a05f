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

    /// <summary>Vectors that <see cref="Dots"/> takes.</summary>
    public const int Four = 4;

    /// <summary>The inner products of one vector with four: the same four numbers as <see cref="Dot"/> gives, in less time.</summary>
    public static (double A, double B, double C, double D) Dots(ReadOnlySpan<double> x, ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<double> c, ReadOnlySpan<double> d)
    {
        int lanes = Vector256<double>.Count, i = 0;
        var (sumA, sumB, sumC, sumD) = (Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero);
        for (; i <= x.Length - lanes; i += lanes)
        {
            var shared = Vector256.LoadUnsafe(in x[i]);
            sumA += shared * Vector256.LoadUnsafe(in a[i]);
            sumB += shared * Vector256.LoadUnsafe(in b[i]);
            sumC += shared * Vector256.LoadUnsafe(in c[i]);
            sumD += shared * Vector256.LoadUnsafe(in d[i]);
        }
        var (resultA, resultB, resultC, resultD) = (Vector256.Sum(sumA), Vector256.Sum(sumB), Vector256.Sum(sumC), Vector256.Sum(sumD));
        for (; i < x.Length; i++)
        {
            resultA += x[i] * a[i];
            resultB += x[i] * b[i];
            resultC += x[i] * c[i];
            resultD += x[i] * d[i];
        }
        return (resultA, resultB, resultC, resultD);
    }

    /// <summary>target += factor · source.</summary>
    public static void AddScaled(Span<double> target, ReadOnlySpan<double> source, double factor)
    {
        int lanes = Vector256<double>.Count, i = 0;
        for (; i <= target.Length - lanes; i += lanes) (Vector256.LoadUnsafe(ref target[i]) + Vector256.LoadUnsafe(in source[i]) * factor).StoreUnsafe(ref target[i]);
        for (; i < target.Length; i++) target[i] += source[i] * factor;
    }
}
