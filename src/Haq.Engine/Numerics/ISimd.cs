namespace Haq.Engine.Numerics;

/// <summary>
/// A register of single-precision numbers of one width. Kernels are written once against this interface and compiled for every width; the width of one is the
/// reference that the others are tested against.
/// </summary>
internal unsafe interface ISimd<T> where T : unmanaged, ISimd<T>
{
    /// <summary>Numbers per register.</summary>
    static abstract int Count { get; }

    static abstract T Load(float* from);

    static abstract void Store(T value, float* to);

    static abstract T Create(float value);

    static abstract T operator +(T a, T b);

    static abstract T operator -(T a, T b);

    static abstract T operator *(T a, T b);

    static abstract T operator /(T a, T b);

    /// <summary>a·b + c, in one rounding where the machine can.</summary>
    static abstract T MultiplyAdd(T a, T b, T c);

    static abstract T Min(T a, T b);

    static abstract T Max(T a, T b);

    static abstract T Sqrt(T value);

    /// <summary>To the nearest integer, halves to even.</summary>
    static abstract T Round(T value);

    /// <summary>value where low &lt; x &lt; high, else 0.</summary>
    static abstract T KeepWithin(T value, T x, T low, T high);

    /// <summary>value where a = b, else 0.</summary>
    static abstract T KeepEqual(T value, T a, T b);

    /// <summary>The sum of all numbers.</summary>
    static abstract float Sum(T value);
}
