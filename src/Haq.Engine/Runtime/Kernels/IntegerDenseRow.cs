using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// Sixteen output channels of a row of pixels, or eight: sums of products of 16-bit integers, two to an instruction, exact in 32 bits; then scaled, shifted, added to what is there and limited.
/// Sums are in registers, those of as many pixels at a time as there are registers for.
/// </summary>
internal unsafe struct IntegerDenseRow
{
    /// <summary>Where each tap's pixel lies from the output pixel's first.</summary>
    public nint* Taps;

    public int TapCount;

    /// <summary>Pairs of channels that a tap reads, side by side.</summary>
    public int Pairs;

    /// <summary>Integers from what one output pixel reads to what the next one does.</summary>
    public nint Pixel;

    /// <summary>By tap and pair: sixteen channels of two weights each.</summary>
    public short* Weights;

    public IntegerOutput Output;

    /// <summary>Writes <paramref name="count"/> pixels from <paramref name="y"/> on.</summary>
    public readonly void Run(short* x, float* y, int count)
    {
        if (Output.Second == 0) RunEight(x, y, count);
        else RunSixteen(x, y, count);
    }

    // The last tile may overlap the one before: what both compute is the same.
    private readonly void RunSixteen(short* x, float* y, int count)
    {
        int at = 0;
        for (; at + 6 <= count; at += 6) Six(x + at * Pixel, y + (nint)at * Output.Pixel);
        if (count - at == 5 && count > 5)
        {
            Six(x + (count - 6) * Pixel, y + (nint)(count - 6) * Output.Pixel);
            return;
        }
        for (; at + 4 <= count; at += 4) Four(x + at * Pixel, y + (nint)at * Output.Pixel);
        if (count - at > 1 && count >= 4) Four(x + (count - 4) * Pixel, y + (nint)(count - 4) * Output.Pixel);
        else for (; at < count; at++) One(x + at * Pixel, y + (nint)at * Output.Pixel);
    }

    private readonly void RunEight(short* x, float* y, int count)
    {
        int at = 0;
        for (; at + 8 <= count; at += 8) EightOfOne(x + at * Pixel, y + (nint)at * Output.Pixel);
        if (at < count && count >= 8) EightOfOne(x + (count - 8) * Pixel, y + (nint)(count - 8) * Output.Pixel);
        else for (; at < count; at++) One(x + at * Pixel, y + (nint)at * Output.Pixel);
    }

    private readonly void Six(short* x, float* y)
    {
        Vector256<int> a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default, a3 = default, b3 = default, a4 = default, b4 = default, a5 = default, b5 = default;
        short* w = Weights;
        nint pixel = Pixel;
        for (int tap = 0; tap < TapCount; tap++)
        {
            short* p = x + Taps[tap], q = p + 3 * pixel;
            for (short* end = p + 2 * Pairs; p < end; p += 2, q += 2, w += 32)
            {
                var (w0, w1) = (Vector256.Load(w), Vector256.Load(w + 16));
                var v = Pair(p);
                a0 = IntegerProducts.Add(a0, v, w0);
                b0 = IntegerProducts.Add(b0, v, w1);
                v = Pair(p + pixel);
                a1 = IntegerProducts.Add(a1, v, w0);
                b1 = IntegerProducts.Add(b1, v, w1);
                v = Pair(p + 2 * pixel);
                a2 = IntegerProducts.Add(a2, v, w0);
                b2 = IntegerProducts.Add(b2, v, w1);
                v = Pair(q);
                a3 = IntegerProducts.Add(a3, v, w0);
                b3 = IntegerProducts.Add(b3, v, w1);
                v = Pair(q + pixel);
                a4 = IntegerProducts.Add(a4, v, w0);
                b4 = IntegerProducts.Add(b4, v, w1);
                v = Pair(q + 2 * pixel);
                a5 = IntegerProducts.Add(a5, v, w0);
                b5 = IntegerProducts.Add(b5, v, w1);
            }
        }
        nint step = Output.Pixel;
        Output.Write(y, a0, b0);
        Output.Write(y + step, a1, b1);
        Output.Write(y + 2 * step, a2, b2);
        Output.Write(y + 3 * step, a3, b3);
        Output.Write(y + 4 * step, a4, b4);
        Output.Write(y + 5 * step, a5, b5);
    }

    private readonly void Four(short* x, float* y)
    {
        Vector256<int> a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default, a3 = default, b3 = default;
        short* w = Weights;
        nint pixel = Pixel;
        for (int tap = 0; tap < TapCount; tap++)
        {
            short* p = x + Taps[tap], q = p + 2 * pixel;
            for (short* end = p + 2 * Pairs; p < end; p += 2, q += 2, w += 32)
            {
                var (w0, w1) = (Vector256.Load(w), Vector256.Load(w + 16));
                var v = Pair(p);
                a0 = IntegerProducts.Add(a0, v, w0);
                b0 = IntegerProducts.Add(b0, v, w1);
                v = Pair(p + pixel);
                a1 = IntegerProducts.Add(a1, v, w0);
                b1 = IntegerProducts.Add(b1, v, w1);
                v = Pair(q);
                a2 = IntegerProducts.Add(a2, v, w0);
                b2 = IntegerProducts.Add(b2, v, w1);
                v = Pair(q + pixel);
                a3 = IntegerProducts.Add(a3, v, w0);
                b3 = IntegerProducts.Add(b3, v, w1);
            }
        }
        nint step = Output.Pixel;
        Output.Write(y, a0, b0);
        Output.Write(y + step, a1, b1);
        Output.Write(y + 2 * step, a2, b2);
        Output.Write(y + 3 * step, a3, b3);
    }

    private readonly void One(short* x, float* y)
    {
        Vector256<int> a = default, b = default;
        short* w = Weights;
        for (int tap = 0; tap < TapCount; tap++)
        {
            short* p = x + Taps[tap];
            for (short* end = p + 2 * Pairs; p < end; p += 2, w += 32)
            {
                var v = Pair(p);
                a = IntegerProducts.Add(a, v, Vector256.Load(w));
                b = IntegerProducts.Add(b, v, Vector256.Load(w + 16));
            }
        }
        if (Output.Second == 0) Output.Write(y, a);
        else Output.Write(y, a, b);
    }

    private readonly void EightOfOne(short* x, float* y)
    {
        Vector256<int> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
        short* w = Weights;
        nint* taps = Taps;
        nint pixel = Pixel;
        int count = TapCount, pairs = Pairs;
        for (int tap = 0; tap < count; tap++)
        {
            short* p = x + taps[tap], q = p + 3 * pixel, r = q + 3 * pixel, end = p + 2 * pairs;
            do
            {
                var w0 = Vector256.Load(w);
                a0 = IntegerProducts.Add(a0, Pair(p), w0);
                a1 = IntegerProducts.Add(a1, Pair(p + pixel), w0);
                a2 = IntegerProducts.Add(a2, Pair(p + 2 * pixel), w0);
                a3 = IntegerProducts.Add(a3, Pair(q), w0);
                a4 = IntegerProducts.Add(a4, Pair(q + pixel), w0);
                a5 = IntegerProducts.Add(a5, Pair(q + 2 * pixel), w0);
                a6 = IntegerProducts.Add(a6, Pair(r), w0);
                a7 = IntegerProducts.Add(a7, Pair(r + pixel), w0);
                p += 2;
                q += 2;
                r += 2;
                w += 32;
            }
            while (p < end);
        }
        nint step = Output.Pixel;
        Output.Write(y, a0);
        Output.Write(y + step, a1);
        Output.Write(y + 2 * step, a2);
        Output.Write(y + 3 * step, a3);
        Output.Write(y + 4 * step, a4);
        Output.Write(y + 5 * step, a5);
        Output.Write(y + 6 * step, a6);
        Output.Write(y + 7 * step, a7);
    }

    // Two channels of one pixel, for all output channels.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Pair(short* x) => Vector256.Create(*(int*)x).AsInt16();
}
