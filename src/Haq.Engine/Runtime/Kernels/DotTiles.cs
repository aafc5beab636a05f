using System.Runtime.CompilerServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// Dot products of every row with every column, in tiles that use all registers: 4×6 of 32, or 3×4 of 16. A tile reads ten streams for 24
/// multiply-adds, so it waits for arithmetic and not for the cache.
/// </summary>
internal static unsafe class DotTiles
{
    /// <summary>sums[r·columnCount + c] += Σ rows[r][j]·columns[c][from + j] for j in 0..length-1; length is a multiple of 16.</summary>
    public static void Add<T>(float* rows, long rowStride, int rowCount, float** columns, int from, int columnCount, int length, float* sums) where T : unmanaged, ISimd<T>
    {
        bool many = T.Count == 16;
        int high = many ? 4 : 3, wide = many ? 6 : 4;
        float* tile = stackalloc float[24];
        float** c = stackalloc float*[6], r = stackalloc float*[4];
        for (int column = 0; column < columnCount; column += wide)
        {
            int w = Math.Min(wide, columnCount - column);
            // At the edges the last row or column is computed again and dropped.
            for (int i = 0; i < wide; i++) c[i] = columns[column + Math.Min(i, w - 1)] + from;
            for (int row = 0; row < rowCount; row += high)
            {
                int h = Math.Min(high, rowCount - row);
                for (int i = 0; i < high; i++) r[i] = rows + (row + Math.Min(i, h - 1)) * rowStride;
                if (many) Tile46<T>(r, c, length, tile);
                else Tile34<T>(r, c, length, tile);
                for (int i = 0; i < h; i++)
                    for (int j = 0; j < w; j++) sums[(long)(row + i) * columnCount + column + j] += tile[i * wide + j];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile46<T>(float** rows, float** columns, int length, float* tile) where T : unmanaged, ISimd<T>
    {
        float* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], c0 = columns[0], c1 = columns[1], c2 = columns[2], c3 = columns[3], c4 = columns[4], c5 = columns[5];
        T s00 = default, s01 = default, s02 = default, s03 = default, s04 = default, s05 = default;
        T s10 = default, s11 = default, s12 = default, s13 = default, s14 = default, s15 = default;
        T s20 = default, s21 = default, s22 = default, s23 = default, s24 = default, s25 = default;
        T s30 = default, s31 = default, s32 = default, s33 = default, s34 = default, s35 = default;
        for (nint j = 0; j < length; j += T.Count)
        {
            T a = T.Load(r0 + j), b = T.Load(r1 + j), c = T.Load(r2 + j), d = T.Load(r3 + j);
            var x = T.Load(c0 + j);
            (s00, s10, s20, s30) = (T.MultiplyAdd(a, x, s00), T.MultiplyAdd(b, x, s10), T.MultiplyAdd(c, x, s20), T.MultiplyAdd(d, x, s30));
            x = T.Load(c1 + j);
            (s01, s11, s21, s31) = (T.MultiplyAdd(a, x, s01), T.MultiplyAdd(b, x, s11), T.MultiplyAdd(c, x, s21), T.MultiplyAdd(d, x, s31));
            x = T.Load(c2 + j);
            (s02, s12, s22, s32) = (T.MultiplyAdd(a, x, s02), T.MultiplyAdd(b, x, s12), T.MultiplyAdd(c, x, s22), T.MultiplyAdd(d, x, s32));
            x = T.Load(c3 + j);
            (s03, s13, s23, s33) = (T.MultiplyAdd(a, x, s03), T.MultiplyAdd(b, x, s13), T.MultiplyAdd(c, x, s23), T.MultiplyAdd(d, x, s33));
            x = T.Load(c4 + j);
            (s04, s14, s24, s34) = (T.MultiplyAdd(a, x, s04), T.MultiplyAdd(b, x, s14), T.MultiplyAdd(c, x, s24), T.MultiplyAdd(d, x, s34));
            x = T.Load(c5 + j);
            (s05, s15, s25, s35) = (T.MultiplyAdd(a, x, s05), T.MultiplyAdd(b, x, s15), T.MultiplyAdd(c, x, s25), T.MultiplyAdd(d, x, s35));
        }
        (tile[0], tile[1], tile[2], tile[3], tile[4], tile[5]) = (T.Sum(s00), T.Sum(s01), T.Sum(s02), T.Sum(s03), T.Sum(s04), T.Sum(s05));
        (tile[6], tile[7], tile[8], tile[9], tile[10], tile[11]) = (T.Sum(s10), T.Sum(s11), T.Sum(s12), T.Sum(s13), T.Sum(s14), T.Sum(s15));
        (tile[12], tile[13], tile[14], tile[15], tile[16], tile[17]) = (T.Sum(s20), T.Sum(s21), T.Sum(s22), T.Sum(s23), T.Sum(s24), T.Sum(s25));
        (tile[18], tile[19], tile[20], tile[21], tile[22], tile[23]) = (T.Sum(s30), T.Sum(s31), T.Sum(s32), T.Sum(s33), T.Sum(s34), T.Sum(s35));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile34<T>(float** rows, float** columns, int length, float* tile) where T : unmanaged, ISimd<T>
    {
        float* r0 = rows[0], r1 = rows[1], r2 = rows[2], c0 = columns[0], c1 = columns[1], c2 = columns[2], c3 = columns[3];
        T s00 = default, s01 = default, s02 = default, s03 = default, s10 = default, s11 = default, s12 = default, s13 = default;
        T s20 = default, s21 = default, s22 = default, s23 = default;
        for (nint j = 0; j < length; j += T.Count)
        {
            T a = T.Load(r0 + j), b = T.Load(r1 + j), c = T.Load(r2 + j);
            var x = T.Load(c0 + j);
            (s00, s10, s20) = (T.MultiplyAdd(a, x, s00), T.MultiplyAdd(b, x, s10), T.MultiplyAdd(c, x, s20));
            x = T.Load(c1 + j);
            (s01, s11, s21) = (T.MultiplyAdd(a, x, s01), T.MultiplyAdd(b, x, s11), T.MultiplyAdd(c, x, s21));
            x = T.Load(c2 + j);
            (s02, s12, s22) = (T.MultiplyAdd(a, x, s02), T.MultiplyAdd(b, x, s12), T.MultiplyAdd(c, x, s22));
            x = T.Load(c3 + j);
            (s03, s13, s23) = (T.MultiplyAdd(a, x, s03), T.MultiplyAdd(b, x, s13), T.MultiplyAdd(c, x, s23));
        }
        (tile[0], tile[1], tile[2], tile[3]) = (T.Sum(s00), T.Sum(s01), T.Sum(s02), T.Sum(s03));
        (tile[4], tile[5], tile[6], tile[7]) = (T.Sum(s10), T.Sum(s11), T.Sum(s12), T.Sum(s13));
        (tile[8], tile[9], tile[10], tile[11]) = (T.Sum(s20), T.Sum(s21), T.Sum(s22), T.Sum(s23));
    }
}
