using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// Weights of a convolution as bytes, four to a sum, from those as pairs of 16-bit integers; and what the sums of each output channel start at, where the integers they meet are shifted.
/// </summary>
internal unsafe readonly struct IntegerBytes
{
    private IntegerBytes(sbyte* weights, int* starts, int shift)
    {
        Weights = weights;
        Starts = starts;
        Shift = shift;
    }

    /// <summary>By sixteen output channels and four weights.</summary>
    public sbyte* Weights { get; }

    /// <summary>By output channel.</summary>
    public int* Starts { get; }

    /// <summary>What is added to an integer of the quantizer's, so that none is below zero.</summary>
    public int Shift { get; }

    /// <summary>Numbers of four bytes that this takes.</summary>
    public static long Room(int groups, long perGroup) => groups * (16 + perGroup / 4) + 16;

    /// <summary>The weights as bytes; null where they or the quantizer's integers are not in reach of one.</summary>
    /// <param name="words">By sixteen output channels and pair; the number of pairs is even.</param>
    /// <param name="groups">Groups of sixteen output channels.</param>
    /// <param name="perGroup">Weights of a group.</param>
    /// <param name="low">The least of the quantizer's integers.</param>
    /// <param name="high">The greatest.</param>
    /// <param name="room">Where they go.</param>
    public static IntegerBytes? Of(short* words, int groups, long perGroup, float low, float high, float* room)
    {
        if (!AvxVnni.IsSupported || !(low >= -255 && low <= 0 && high >= 0 && high - low <= 255)) return null;
        int shift = -(int)low;
        int* starts = (int*)room;
        var bytes = (sbyte*)(starts + 16 * groups);
        var to = bytes;
        var ones = Vector256<byte>.One;
        var lost = Vector256<short>.Zero;
        for (int group = 0; group < groups; group++)
        {
            Vector256<int> first = default, second = default;
            for (short* end = words + perGroup; words < end; words += 64, to += 64)
            {
                var a = Joined(Vector256.Load(words), Vector256.Load(words + 32), ref lost);
                var b = Joined(Vector256.Load(words + 16), Vector256.Load(words + 48), ref lost);
                a.Store(to);
                b.Store(to + 32);
                (first, second) = (AvxVnni.MultiplyWideningAndAdd(first, ones, a), AvxVnni.MultiplyWideningAndAdd(second, ones, b));
            }
            (first * -shift).Store(starts + 16 * group);
            (second * -shift).Store(starts + 16 * group + 8);
        }
        return lost == Vector256<short>.Zero ? new IntegerBytes(bytes, starts, shift) : null;
    }

    // Two pairs of weights beside each other, for each of eight output channels.
    private static Vector256<sbyte> Joined(Vector256<short> pair, Vector256<short> next, ref Vector256<short> lost)
    {
        var (low, high) = (Vector256.Create((short)sbyte.MinValue), Vector256.Create((short)sbyte.MaxValue));
        lost |= Vector256.LessThan(pair, low) | Vector256.GreaterThan(pair, high) | Vector256.LessThan(next, low) | Vector256.GreaterThan(next, high);
        return Avx2.UnpackLow(Avx2.PackSignedSaturate(pair, pair).AsInt16(), Avx2.PackSignedSaturate(next, next).AsInt16()).AsSByte();
    }
}
