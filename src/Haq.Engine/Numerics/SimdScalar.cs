using System.Runtime.CompilerServices;

namespace Haq.Engine.Numerics;

/// <summary>A single number: the reference, and what is left after the last whole register.</summary>
internal readonly unsafe struct SimdScalar(float value) : ISimd<SimdScalar>
{
    private readonly float _value = value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Load(float* from) => new(*from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(SimdScalar value, float* to) => *to = value._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Create(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar operator +(SimdScalar a, SimdScalar b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar operator -(SimdScalar a, SimdScalar b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar operator *(SimdScalar a, SimdScalar b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar operator /(SimdScalar a, SimdScalar b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar MultiplyAdd(SimdScalar a, SimdScalar b, SimdScalar c) => new(float.MultiplyAddEstimate(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Min(SimdScalar a, SimdScalar b) => new(float.MinNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Max(SimdScalar a, SimdScalar b) => new(float.MaxNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Sqrt(SimdScalar value) => new(MathF.Sqrt(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Round(SimdScalar value) => new(MathF.Round(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar KeepWithin(SimdScalar value, SimdScalar x, SimdScalar low, SimdScalar high) =>
        x._value > low._value && x._value < high._value ? value : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar KeepEqual(SimdScalar value, SimdScalar a, SimdScalar b) => a._value == b._value ? value : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(SimdScalar value) => value._value;
}
