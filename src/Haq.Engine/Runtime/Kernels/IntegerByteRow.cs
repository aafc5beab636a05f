using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// What <see cref="IntegerDenseRow"/> does, for processors that multiply four bytes to an instruction (<c>vpdpbusd</c>): integers from zero on, so that sums start at what the shift adds, taken off.
/// The same sums, exact in 32 bits.
/// </summary>
internal unsafe struct IntegerByteRow
{
    /// <summary>Where each tap's pixel lies from the output pixel's first.</summary>
    public nint* Taps;

    public int TapCount;

    /// <summary>Channels that a tap reads, side by side; a multiple of four.</summary>
    public int Channels;

    /// <summary>Integers from what one output pixel reads to what the next one does.</summary>
    public nint Pixel;

    /// <summary>By tap and four channels: sixteen output channels of four weights each.</summary>
    public sbyte* Weights;

    /// <summary>Where the sums of sixteen output channels start.</summary>
    public int* Starts;

    public IntegerOutput Output;

    /// <summary>Writes <paramref name="count"/> pixels from <paramref name="y"/> on.</summary>
    public readonly void Run(byte* x, float* y, int count)
    {
        if (Output.Second == 0) RunEight(x, y, count);
        else RunSixteen(x, y, count);
    }

    // The last tile may overlap the one before: what both compute is the same.
    private readonly void RunSixteen(byte* x, float* y, int count)
    {
        int at = 0;
        for (; at + 6 <= count; at += 6) Six(x + at * Pixel, y + (nint)at * Output.Pixel);
        if (count - at > 1 && count > 5) Six(x + (count - 6) * Pixel, y + (nint)(count - 6) * Output.Pixel);
        else for (; at < count; at++) One(x + at * Pixel, y + (nint)at * Output.Pixel);
    }

    private readonly void RunEight(byte* x, float* y, int count)
    {
        int at = 0;
        for (; at + 8 <= count; at += 8) EightOfOne(x + at * Pixel, y + (nint)at * Output.Pixel);
        if (at < count && count >= 8) EightOfOne(x + (count - 8) * Pixel, y + (nint)(count - 8) * Output.Pixel);
        else for (; at < count; at++) One(x + at * Pixel, y + (nint)at * Output.Pixel);
    }

    private readonly void Six(byte* x, float* y)
    {
        var (a0, b0) = (Vector256.Load(Starts), Vector256.Load(Starts + 8));
        Vector256<int> a1 = a0, b1 = b0, a2 = a0, b2 = b0, a3 = a0, b3 = b0, a4 = a0, b4 = b0, a5 = a0, b5 = b0;
        sbyte* w = Weights;
        nint pixel = Pixel;
        nint* taps = Taps;
        int count = TapCount, channels = Channels;
        for (int tap = 0; tap < count; tap++)
        {
            byte* p = x + taps[tap], q = p + 3 * pixel;
            for (byte* end = p + channels; p < end; p += 4, q += 4, w += 64)
            {
                var (w0, w1) = (Vector256.Load(w), Vector256.Load(w + 32));
                var v = Four(p);
                a0 = AvxVnni.MultiplyWideningAndAdd(a0, v, w0);
                b0 = AvxVnni.MultiplyWideningAndAdd(b0, v, w1);
                v = Four(p + pixel);
                a1 = AvxVnni.MultiplyWideningAndAdd(a1, v, w0);
                b1 = AvxVnni.MultiplyWideningAndAdd(b1, v, w1);
                v = Four(p + 2 * pixel);
                a2 = AvxVnni.MultiplyWideningAndAdd(a2, v, w0);
                b2 = AvxVnni.MultiplyWideningAndAdd(b2, v, w1);
                v = Four(q);
                a3 = AvxVnni.MultiplyWideningAndAdd(a3, v, w0);
                b3 = AvxVnni.MultiplyWideningAndAdd(b3, v, w1);
                v = Four(q + pixel);
                a4 = AvxVnni.MultiplyWideningAndAdd(a4, v, w0);
                b4 = AvxVnni.MultiplyWideningAndAdd(b4, v, w1);
                v = Four(q + 2 * pixel);
                a5 = AvxVnni.MultiplyWideningAndAdd(a5, v, w0);
                b5 = AvxVnni.MultiplyWideningAndAdd(b5, v, w1);
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

    private readonly void One(byte* x, float* y)
    {
        var (a, b) = (Vector256.Load(Starts), Vector256.Load(Starts + 8));
        sbyte* w = Weights;
        for (int tap = 0; tap < TapCount; tap++)
        {
            byte* p = x + Taps[tap];
            for (byte* end = p + Channels; p < end; p += 4, w += 64)
            {
                var v = Four(p);
                a = AvxVnni.MultiplyWideningAndAdd(a, v, Vector256.Load(w));
                b = AvxVnni.MultiplyWideningAndAdd(b, v, Vector256.Load(w + 32));
            }
        }
        if (Output.Second == 0) Output.Write(y, a);
        else Output.Write(y, a, b);
    }

    private readonly void EightOfOne(byte* x, float* y)
    {
        var a0 = Vector256.Load(Starts);
        Vector256<int> a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        sbyte* w = Weights;
        nint* taps = Taps;
        nint pixel = Pixel;
        int count = TapCount, channels = Channels;
        for (int tap = 0; tap < count; tap++)
        {
            byte* p = x + taps[tap], q = p + 3 * pixel, r = q + 3 * pixel;
            for (byte* end = p + channels; p < end; p += 4, q += 4, r += 4, w += 64)
            {
                var w0 = Vector256.Load(w);
                a0 = AvxVnni.MultiplyWideningAndAdd(a0, Four(p), w0);
                a1 = AvxVnni.MultiplyWideningAndAdd(a1, Four(p + pixel), w0);
                a2 = AvxVnni.MultiplyWideningAndAdd(a2, Four(p + 2 * pixel), w0);
                a3 = AvxVnni.MultiplyWideningAndAdd(a3, Four(q), w0);
                a4 = AvxVnni.MultiplyWideningAndAdd(a4, Four(q + pixel), w0);
                a5 = AvxVnni.MultiplyWideningAndAdd(a5, Four(q + 2 * pixel), w0);
                a6 = AvxVnni.MultiplyWideningAndAdd(a6, Four(r), w0);
                a7 = AvxVnni.MultiplyWideningAndAdd(a7, Four(r + pixel), w0);
            }
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

    // Four channels of one pixel, for all output channels.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Four(byte* x) => Vector256.Create(*(int*)x).AsByte();
}
