using System.Runtime.CompilerServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// The inner loop of weight gradients: one or two registers of output channels times some columns, a column being an input channel at a place of the window. For each pixel
/// the channels' gradients are read once and a number of each column is spread over a register; sums stay in registers over all rows of a chunk.
/// </summary>
internal static unsafe class OuterTiles
{
    /// <summary>Registers of output channels in a tile: two, unless one holds all channels.</summary>
    public static int High(int outputs, int width) => outputs > width ? 2 : 1;

    /// <summary>Columns of a tile.</summary>
    public static int Wide(int high, int width) => high == 2 && width < 16 ? 6 : 8;

    /// <summary>
    /// sums[column·High·Count + i] += Σ over rows and pixels of gradient[pixel·High·Count + i]·columns[column][rows[row] + pixel·step], for the first <paramref name="taken"/> columns.
    /// </summary>
    public static void Add<T>(int high, float* gradient, float** columns, int taken, nint* rows, int rowCount, int length, nint step, float* sums) where T : unmanaged, ISimd<T>
    {
        int wide = Wide(high, T.Count);
        float** x = stackalloc float*[8], s = stackalloc float*[8];
        // The last column stands in for those that are missing: it is summed again, to the same result.
        for (int i = 0; i < wide; i++) (*(nint*)(x + i), *(nint*)(s + i)) = ((nint)columns[Math.Min(i, taken - 1)], (nint)(sums + (nint)Math.Min(i, taken - 1) * high * T.Count));
        if (high == 1) OneByEight<T>(gradient, x, rows, rowCount, length, step, s);
        else if (wide == 6) TwoBySix<T>(gradient, x, rows, rowCount, length, step, s);
        else TwoByEight<T>(gradient, x, rows, rowCount, length, step, s);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneByEight<T>(float* gradient, float** columns, nint* rows, int rowCount, int length, nint step, float** sums) where T : unmanaged, ISimd<T>
    {
        T s0 = T.Load(sums[0]), s1 = T.Load(sums[1]), s2 = T.Load(sums[2]), s3 = T.Load(sums[3]), s4 = T.Load(sums[4]), s5 = T.Load(sums[5]), s6 = T.Load(sums[6]), s7 = T.Load(sums[7]);
        float* c0 = columns[0], c1 = columns[1], c2 = columns[2], c3 = columns[3], c4 = columns[4], c5 = columns[5], c6 = columns[6], c7 = columns[7];
        for (int row = 0; row < rowCount; row++)
        {
            nint at = rows[row];
            for (float* end = gradient + (nint)length * T.Count; gradient < end; gradient += T.Count, at += step)
            {
                var d = T.Load(gradient);
                s0 = T.MultiplyAdd(T.Create(c0[at]), d, s0);
                s1 = T.MultiplyAdd(T.Create(c1[at]), d, s1);
                s2 = T.MultiplyAdd(T.Create(c2[at]), d, s2);
                s3 = T.MultiplyAdd(T.Create(c3[at]), d, s3);
                s4 = T.MultiplyAdd(T.Create(c4[at]), d, s4);
                s5 = T.MultiplyAdd(T.Create(c5[at]), d, s5);
                s6 = T.MultiplyAdd(T.Create(c6[at]), d, s6);
                s7 = T.MultiplyAdd(T.Create(c7[at]), d, s7);
            }
        }
        T.Store(s0, sums[0]);
        T.Store(s1, sums[1]);
        T.Store(s2, sums[2]);
        T.Store(s3, sums[3]);
        T.Store(s4, sums[4]);
        T.Store(s5, sums[5]);
        T.Store(s6, sums[6]);
        T.Store(s7, sums[7]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoBySix<T>(float* gradient, float** columns, nint* rows, int rowCount, int length, nint step, float** sums) where T : unmanaged, ISimd<T>
    {
        int w = T.Count;
        T a0 = T.Load(sums[0]), a1 = T.Load(sums[1]), a2 = T.Load(sums[2]), a3 = T.Load(sums[3]), a4 = T.Load(sums[4]), a5 = T.Load(sums[5]);
        T b0 = T.Load(sums[0] + w), b1 = T.Load(sums[1] + w), b2 = T.Load(sums[2] + w), b3 = T.Load(sums[3] + w), b4 = T.Load(sums[4] + w), b5 = T.Load(sums[5] + w);
        float* c0 = columns[0], c1 = columns[1], c2 = columns[2], c3 = columns[3], c4 = columns[4], c5 = columns[5];
        for (int row = 0; row < rowCount; row++)
        {
            nint at = rows[row];
            for (float* end = gradient + (nint)length * 2 * w; gradient < end; gradient += 2 * w, at += step)
            {
                T d = T.Load(gradient), e = T.Load(gradient + w), x = T.Create(c0[at]);
                a0 = T.MultiplyAdd(x, d, a0);
                b0 = T.MultiplyAdd(x, e, b0);
                x = T.Create(c1[at]);
                a1 = T.MultiplyAdd(x, d, a1);
                b1 = T.MultiplyAdd(x, e, b1);
                x = T.Create(c2[at]);
                a2 = T.MultiplyAdd(x, d, a2);
                b2 = T.MultiplyAdd(x, e, b2);
                x = T.Create(c3[at]);
                a3 = T.MultiplyAdd(x, d, a3);
                b3 = T.MultiplyAdd(x, e, b3);
                x = T.Create(c4[at]);
                a4 = T.MultiplyAdd(x, d, a4);
                b4 = T.MultiplyAdd(x, e, b4);
                x = T.Create(c5[at]);
                a5 = T.MultiplyAdd(x, d, a5);
                b5 = T.MultiplyAdd(x, e, b5);
            }
        }
        Store(sums[0], a0, b0);
        Store(sums[1], a1, b1);
        Store(sums[2], a2, b2);
        Store(sums[3], a3, b3);
        Store(sums[4], a4, b4);
        Store(sums[5], a5, b5);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoByEight<T>(float* gradient, float** columns, nint* rows, int rowCount, int length, nint step, float** sums) where T : unmanaged, ISimd<T>
    {
        int w = T.Count;
        T a0 = T.Load(sums[0]), a1 = T.Load(sums[1]), a2 = T.Load(sums[2]), a3 = T.Load(sums[3]), a4 = T.Load(sums[4]), a5 = T.Load(sums[5]), a6 = T.Load(sums[6]), a7 = T.Load(sums[7]);
        T b0 = T.Load(sums[0] + w), b1 = T.Load(sums[1] + w), b2 = T.Load(sums[2] + w), b3 = T.Load(sums[3] + w);
        T b4 = T.Load(sums[4] + w), b5 = T.Load(sums[5] + w), b6 = T.Load(sums[6] + w), b7 = T.Load(sums[7] + w);
        float* c0 = columns[0], c1 = columns[1], c2 = columns[2], c3 = columns[3], c4 = columns[4], c5 = columns[5], c6 = columns[6], c7 = columns[7];
        for (int row = 0; row < rowCount; row++)
        {
            nint at = rows[row];
            for (float* end = gradient + (nint)length * 2 * w; gradient < end; gradient += 2 * w, at += step)
            {
                T d = T.Load(gradient), e = T.Load(gradient + w), x = T.Create(c0[at]);
                a0 = T.MultiplyAdd(x, d, a0);
                b0 = T.MultiplyAdd(x, e, b0);
                x = T.Create(c1[at]);
                a1 = T.MultiplyAdd(x, d, a1);
                b1 = T.MultiplyAdd(x, e, b1);
                x = T.Create(c2[at]);
                a2 = T.MultiplyAdd(x, d, a2);
                b2 = T.MultiplyAdd(x, e, b2);
                x = T.Create(c3[at]);
                a3 = T.MultiplyAdd(x, d, a3);
                b3 = T.MultiplyAdd(x, e, b3);
                x = T.Create(c4[at]);
                a4 = T.MultiplyAdd(x, d, a4);
                b4 = T.MultiplyAdd(x, e, b4);
                x = T.Create(c5[at]);
                a5 = T.MultiplyAdd(x, d, a5);
                b5 = T.MultiplyAdd(x, e, b5);
                x = T.Create(c6[at]);
                a6 = T.MultiplyAdd(x, d, a6);
                b6 = T.MultiplyAdd(x, e, b6);
                x = T.Create(c7[at]);
                a7 = T.MultiplyAdd(x, d, a7);
                b7 = T.MultiplyAdd(x, e, b7);
            }
        }
        Store(sums[0], a0, b0);
        Store(sums[1], a1, b1);
        Store(sums[2], a2, b2);
        Store(sums[3], a3, b3);
        Store(sums[4], a4, b4);
        Store(sums[5], a5, b5);
        Store(sums[6], a6, b6);
        Store(sums[7], a7, b7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(float* to, T first, T second) where T : unmanaged, ISimd<T>
    {
        T.Store(first, to);
        T.Store(second, to + T.Count);
    }
}
