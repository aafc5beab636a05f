using System.Runtime.CompilerServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// The inner loop of dense convolutions: some output channels times three registers of pixels, all sums in registers. For each tap, an input channel at a place of the
/// window, it reads three registers and one weight for each channel: with 16 registers 4 channels, with 32 of them 8, so that it waits for arithmetic alone.
/// </summary>
internal static unsafe class DenseTiles
{
    /// <summary>Registers of pixels in a tile.</summary>
    public const int Wide = 3;

    /// <summary>Output channels in a tile, with registers of <paramref name="bits"/> bits.</summary>
    public static int High(int bits) => bits == 512 ? 8 : 4;

    /// <summary>
    /// rows[i][to[v]…] = start[i] + Σ over taps of weights[tap·High + i]·taps[tap][from[v]…]; without <paramref name="start"/> the sum is added to what the rows hold.
    /// </summary>
    public static void Run<T>(float** taps, int count, float* weights, nint* from, float** rows, nint* to, float* start) where T : unmanaged, ISimd<T>
    {
        if (T.Count == 16) Eight<T>(taps, count, weights, from, rows, to, start);
        else Four<T>(taps, count, weights, from, rows, to, start);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<T>(float** taps, int count, float* weights, nint* from, float** rows, nint* to, float* start) where T : unmanaged, ISimd<T>
    {
        nint x = from[0], y = from[1], z = from[2];
        T a0, a1, a2, b0, b1, b2, c0, c1, c2, d0, d1, d2;
        if (start != null)
        {
            a0 = a1 = a2 = T.Create(start[0]);
            b0 = b1 = b2 = T.Create(start[1]);
            c0 = c1 = c2 = T.Create(start[2]);
            d0 = d1 = d2 = T.Create(start[3]);
        }
        else
        {
            (a0, a1, a2) = (T.Load(rows[0] + to[0]), T.Load(rows[0] + to[1]), T.Load(rows[0] + to[2]));
            (b0, b1, b2) = (T.Load(rows[1] + to[0]), T.Load(rows[1] + to[1]), T.Load(rows[1] + to[2]));
            (c0, c1, c2) = (T.Load(rows[2] + to[0]), T.Load(rows[2] + to[1]), T.Load(rows[2] + to[2]));
            (d0, d1, d2) = (T.Load(rows[3] + to[0]), T.Load(rows[3] + to[1]), T.Load(rows[3] + to[2]));
        }
        for (var end = taps + count; taps < end; taps++, weights += 4)
        {
            float* tap = *taps;
            T p = T.Load(tap + x), q = T.Load(tap + y), r = T.Load(tap + z);
            var w = T.Create(weights[0]);
            a0 = T.MultiplyAdd(w, p, a0);
            a1 = T.MultiplyAdd(w, q, a1);
            a2 = T.MultiplyAdd(w, r, a2);
            w = T.Create(weights[1]);
            b0 = T.MultiplyAdd(w, p, b0);
            b1 = T.MultiplyAdd(w, q, b1);
            b2 = T.MultiplyAdd(w, r, b2);
            w = T.Create(weights[2]);
            c0 = T.MultiplyAdd(w, p, c0);
            c1 = T.MultiplyAdd(w, q, c1);
            c2 = T.MultiplyAdd(w, r, c2);
            w = T.Create(weights[3]);
            d0 = T.MultiplyAdd(w, p, d0);
            d1 = T.MultiplyAdd(w, q, d1);
            d2 = T.MultiplyAdd(w, r, d2);
        }
        Store(rows[0], to, a0, a1, a2);
        Store(rows[1], to, b0, b1, b2);
        Store(rows[2], to, c0, c1, c2);
        Store(rows[3], to, d0, d1, d2);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight<T>(float** taps, int count, float* weights, nint* from, float** rows, nint* to, float* start) where T : unmanaged, ISimd<T>
    {
        nint x = from[0], y = from[1], z = from[2];
        T a0, a1, a2, b0, b1, b2, c0, c1, c2, d0, d1, d2, e0, e1, e2, f0, f1, f2, g0, g1, g2, h0, h1, h2;
        if (start != null)
        {
            a0 = a1 = a2 = T.Create(start[0]);
            b0 = b1 = b2 = T.Create(start[1]);
            c0 = c1 = c2 = T.Create(start[2]);
            d0 = d1 = d2 = T.Create(start[3]);
            e0 = e1 = e2 = T.Create(start[4]);
            f0 = f1 = f2 = T.Create(start[5]);
            g0 = g1 = g2 = T.Create(start[6]);
            h0 = h1 = h2 = T.Create(start[7]);
        }
        else
        {
            (a0, a1, a2) = (T.Load(rows[0] + to[0]), T.Load(rows[0] + to[1]), T.Load(rows[0] + to[2]));
            (b0, b1, b2) = (T.Load(rows[1] + to[0]), T.Load(rows[1] + to[1]), T.Load(rows[1] + to[2]));
            (c0, c1, c2) = (T.Load(rows[2] + to[0]), T.Load(rows[2] + to[1]), T.Load(rows[2] + to[2]));
            (d0, d1, d2) = (T.Load(rows[3] + to[0]), T.Load(rows[3] + to[1]), T.Load(rows[3] + to[2]));
            (e0, e1, e2) = (T.Load(rows[4] + to[0]), T.Load(rows[4] + to[1]), T.Load(rows[4] + to[2]));
            (f0, f1, f2) = (T.Load(rows[5] + to[0]), T.Load(rows[5] + to[1]), T.Load(rows[5] + to[2]));
            (g0, g1, g2) = (T.Load(rows[6] + to[0]), T.Load(rows[6] + to[1]), T.Load(rows[6] + to[2]));
            (h0, h1, h2) = (T.Load(rows[7] + to[0]), T.Load(rows[7] + to[1]), T.Load(rows[7] + to[2]));
        }
        for (var end = taps + count; taps < end; taps++, weights += 8)
        {
            float* tap = *taps;
            T p = T.Load(tap + x), q = T.Load(tap + y), r = T.Load(tap + z);
            var w = T.Create(weights[0]);
            a0 = T.MultiplyAdd(w, p, a0);
            a1 = T.MultiplyAdd(w, q, a1);
            a2 = T.MultiplyAdd(w, r, a2);
            w = T.Create(weights[1]);
            b0 = T.MultiplyAdd(w, p, b0);
            b1 = T.MultiplyAdd(w, q, b1);
            b2 = T.MultiplyAdd(w, r, b2);
            w = T.Create(weights[2]);
            c0 = T.MultiplyAdd(w, p, c0);
            c1 = T.MultiplyAdd(w, q, c1);
            c2 = T.MultiplyAdd(w, r, c2);
            w = T.Create(weights[3]);
            d0 = T.MultiplyAdd(w, p, d0);
            d1 = T.MultiplyAdd(w, q, d1);
            d2 = T.MultiplyAdd(w, r, d2);
            w = T.Create(weights[4]);
            e0 = T.MultiplyAdd(w, p, e0);
            e1 = T.MultiplyAdd(w, q, e1);
            e2 = T.MultiplyAdd(w, r, e2);
            w = T.Create(weights[5]);
            f0 = T.MultiplyAdd(w, p, f0);
            f1 = T.MultiplyAdd(w, q, f1);
            f2 = T.MultiplyAdd(w, r, f2);
            w = T.Create(weights[6]);
            g0 = T.MultiplyAdd(w, p, g0);
            g1 = T.MultiplyAdd(w, q, g1);
            g2 = T.MultiplyAdd(w, r, g2);
            w = T.Create(weights[7]);
            h0 = T.MultiplyAdd(w, p, h0);
            h1 = T.MultiplyAdd(w, q, h1);
            h2 = T.MultiplyAdd(w, r, h2);
        }
        Store(rows[0], to, a0, a1, a2);
        Store(rows[1], to, b0, b1, b2);
        Store(rows[2], to, c0, c1, c2);
        Store(rows[3], to, d0, d1, d2);
        Store(rows[4], to, e0, e1, e2);
        Store(rows[5], to, f0, f1, f2);
        Store(rows[6], to, g0, g1, g2);
        Store(rows[7], to, h0, h1, h2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(float* row, nint* to, T first, T second, T third) where T : unmanaged, ISimd<T>
    {
        T.Store(first, row + to[0]);
        T.Store(second, row + to[1]);
        T.Store(third, row + to[2]);
    }
}
