using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Haq.Engine.Quantization.Rounding;

/// <summary>Eight numbers in two registers of 256 bits.</summary>
internal readonly unsafe struct HalvedEight(Vector256<double> first, Vector256<double> last) : IEight<HalvedEight>
{
    private readonly Vector256<double> _first = first, _last = last;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HalvedEight Load(double* from) => new(Vector256.Load(from), Vector256.Load(from + Vector256<double>.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HalvedEight LoadTwice(double* from)
    {
        var four = Vector256.Load(from);
        return new(four, four);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HalvedEight Create(double value)
    {
        var four = Vector256.Create(value);
        return new(four, four);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(HalvedEight value, double* to)
    {
        Vector256.Store(value._first, to);
        Vector256.Store(value._last, to + Vector256<double>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HalvedEight operator +(HalvedEight a, HalvedEight b) => new(a._first + b._first, a._last + b._last);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HalvedEight operator *(HalvedEight a, HalvedEight b) => new(a._first * b._first, a._last * b._last);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> First(HalvedEight value) => value._first;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Last(HalvedEight value) => value._last;
}
