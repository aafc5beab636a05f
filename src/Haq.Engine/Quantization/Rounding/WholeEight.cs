using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Haq.Engine.Quantization.Rounding;

/// <summary>Eight numbers in one register of 512 bits.</summary>
internal readonly unsafe struct WholeEight(Vector512<double> value) : IEight<WholeEight>
{
    private readonly Vector512<double> _value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WholeEight Load(double* from) => new(Vector512.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WholeEight LoadTwice(double* from) =>
        new(Avx512F.IsSupported ? Avx512F.BroadcastVector256ToVector512(from) : Vector512.Create(Vector256.Load(from), Vector256.Load(from)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WholeEight Create(double value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(WholeEight value, double* to) => Vector512.Store(value._value, to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WholeEight operator +(WholeEight a, WholeEight b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WholeEight operator *(WholeEight a, WholeEight b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> First(WholeEight value) => value._value.GetLower();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Last(WholeEight value) => value._value.GetUpper();
}
