using System.Runtime.Intrinsics;

namespace Haq.Engine.Quantization.Rounding;

/// <summary>Eight float64 numbers in the registers that the machine has. Every form gives the same bits: products and sums are rounded one by one.</summary>
internal unsafe interface IEight<T> where T : unmanaged, IEight<T>
{
    static abstract T Load(double* from);

    /// <summary>Four numbers, and the same four once more.</summary>
    static abstract T LoadTwice(double* from);

    static abstract T Create(double value);

    static abstract void Store(T value, double* to);

    static abstract T operator +(T a, T b);

    static abstract T operator *(T a, T b);

    static abstract Vector256<double> First(T value);

    static abstract Vector256<double> Last(T value);
}
