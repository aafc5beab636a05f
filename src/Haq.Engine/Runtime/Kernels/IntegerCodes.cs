using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>A quantizer whose integers are kept: those of <see cref="FakeQuantizeKernel"/>, without the offset that one-bit weights have.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly unsafe struct IntegerCodes(float scale, float low, float high)
{
    private readonly float _scale = scale, _low = low, _high = high;

    /// <summary>The integers of numbers, in their order; a multiple of eight.</summary>
    public void Of(float* x, long count, short* codes)
    {
        long at = 0;
        for (; at + 16 <= count; at += 16)
        {
            var packed = Avx2.PackSignedSaturate(Of(x + at), Of(x + at + 8));
            Avx2.Permute4x64(packed.AsInt64(), 0b11_01_10_00).AsInt16().Store(codes + at);
        }
        for (; at < count; at += 8)
        {
            var eight = Of(x + at);
            Sse2.PackSignedSaturate(eight.GetLower(), eight.GetUpper()).Store(codes + at);
        }
    }

    /// <summary>The integers of numbers, in their order, shifted so that none is below zero or above 255; a multiple of eight.</summary>
    public void OfShifted(float* x, long count, int shift, byte* codes)
    {
        var shifts = Vector256.Create(shift);
        var order = Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7);
        long at = 0;
        for (; at + 32 <= count; at += 32)
        {
            var first = Avx2.PackSignedSaturate(Of(x + at) + shifts, Of(x + at + 8) + shifts);
            var second = Avx2.PackSignedSaturate(Of(x + at + 16) + shifts, Of(x + at + 24) + shifts);
            Avx2.PermuteVar8x32(Avx2.PackUnsignedSaturate(first, second).AsInt32(), order).AsByte().Store(codes + at);
        }
        for (; at < count; at += 8)
        {
            var eight = Of(x + at) + shifts;
            var words = Sse2.PackSignedSaturate(eight.GetLower(), eight.GetUpper());
            Sse2.StoreScalar((long*)(codes + at), Sse2.PackUnsignedSaturate(words, words).AsInt64());
        }
    }

    /// <summary>The integers of two planes side by side, pixel by pixel; the second may be missing.</summary>
    public void OfPlanes(float* first, float* second, int count, short* codes)
    {
        int at = 0;
        for (; at + 8 <= count; at += 8) Beside(Of(first + at), second == null ? Vector256<int>.Zero : Of(second + at)).Store((int*)codes + at);
        for (; at < count; at++) (codes[2 * at], codes[2 * at + 1]) = (Of(first[at]), second == null ? (short)0 : Of(second[at]));
    }

    /// <summary>For eight channels of a row of pixels in blocks: each pixel's integers beside those of the next one, zero before and behind the row.</summary>
    /// <param name="x">The first pixel's eight channels.</param>
    /// <param name="block">Numbers from one pixel to the next.</param>
    /// <param name="columns">Pixels of the row.</param>
    /// <param name="left">Zeros before it.</param>
    /// <param name="padded">Pixels to write, the zeros before it included.</param>
    /// <param name="codes">Sixteen integers for each.</param>
    public void OfNeighbours(float* x, int block, int columns, int left, int padded, short* codes)
    {
        new Span<int>(codes, 8 * left).Clear();
        var to = (int*)codes + 8 * (left - 1);
        var before = Vector256<int>.Zero;
        if (left == 0)
        {
            before = Of(x);
            x += block;
            to += 8;
            columns--;
        }
        for (; columns > 0; columns--, x += block, to += 8)
        {
            var code = Of(x);
            Beside(before, code).Store(to);
            before = code;
        }
        Beside(before, Vector256<int>.Zero).Store(to);
        to += 8;
        new Span<int>(to, (int)((int*)codes + 8 * padded - to)).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Beside(Vector256<int> low, Vector256<int> high) =>
        Avx2.Blend(low.AsInt16(), Avx2.ShiftLeftLogical(high, 16).AsInt16(), 0b10101010).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<int> Of(float* x)
    {
        var rounded = Avx.RoundToNearestInteger(Avx.Divide(Vector256.Load(x), Vector256.Create(_scale)));
        return Avx.ConvertToVector256Int32(Avx.Min(Avx.Max(rounded, Vector256.Create(_low)), Vector256.Create(_high)));
    }

    private short Of(float x) => (short)MathF.Min(MathF.Max(MathF.Round(x / _scale), _low), _high);
}
