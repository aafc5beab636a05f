using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Haq.Engine.Quantization.Rounding;

/// <summary>
/// Adds multiples of many rows to one: element by element the same as <see cref="Vectors.AddScaled"/> of each row in turn, but what is added to stays in registers meanwhile.
/// </summary>
internal static unsafe class RowSums
{
    private const int Lanes = 8, Tile = 4 * Lanes;

    /// <summary>target += sign · (factors[0] · row 0 + …), row after row.</summary>
    /// <param name="target">What is added to.</param>
    /// <param name="rows">The first row, as long as the target; each is as far behind the one before as <paramref name="stride"/> says.</param>
    /// <param name="stride">Numbers from row to row.</param>
    /// <param name="factors">One of each row.</param>
    /// <param name="sign">1 or −1.</param>
    public static void Add(Span<double> target, ReadOnlySpan<double> rows, int stride, ReadOnlySpan<double> factors, double sign) =>
        Add(target, rows, stride, factors, sign, Vector512.IsHardwareAccelerated);

    /// <summary>The same in registers of a width that a test chooses.</summary>
    internal static void Add(Span<double> target, ReadOnlySpan<double> rows, int stride, ReadOnlySpan<double> factors, double sign, bool wide)
    {
        if (target.IsEmpty || factors.IsEmpty) return;
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Length, (factors.Length - 1) * stride + target.Length, nameof(rows));
        fixed (double* t = target, r = rows, f = factors)
        {
            if (wide) Add<WholeEight>(t, target.Length, r, stride, f, factors.Length, sign);
            else Add<HalvedEight>(t, target.Length, r, stride, f, factors.Length, sign);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<T>(double* target, int width, double* rows, int stride, double* factors, int count, double sign) where T : unmanaged, IEight<T>
    {
        int j = 0;
        for (; j <= width - Tile; j += Tile)
        {
            T a = T.Load(target + j), b = T.Load(target + j + Lanes), c = T.Load(target + j + 2 * Lanes), d = T.Load(target + j + 3 * Lanes);
            double* row = rows + j;
            for (int k = 0; k < count; k++, row += stride)
            {
                var factor = T.Create(factors[k] * sign);
                a += T.Load(row) * factor;
                b += T.Load(row + Lanes) * factor;
                c += T.Load(row + 2 * Lanes) * factor;
                d += T.Load(row + 3 * Lanes) * factor;
            }
            T.Store(a, target + j);
            T.Store(b, target + j + Lanes);
            T.Store(c, target + j + 2 * Lanes);
            T.Store(d, target + j + 3 * Lanes);
        }
        for (; j <= width - Lanes; j += Lanes)
        {
            T sum = T.Load(target + j);
            double* row = rows + j;
            for (int k = 0; k < count; k++, row += stride) sum += T.Load(row) * T.Create(factors[k] * sign);
            T.Store(sum, target + j);
        }
        for (; j < width; j++)
        {
            double sum = target[j];
            for (int k = 0; k < count; k++) sum += rows[(long)k * stride + j] * (factors[k] * sign);
            target[j] = sum;
        }
    }
}
