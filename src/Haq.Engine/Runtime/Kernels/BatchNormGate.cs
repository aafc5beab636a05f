using System.Runtime.CompilerServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>Whether a normalization clips its values: known when a loop is compiled.</summary>
internal interface IBounds
{
    static abstract bool Some { get; }
}

/// <summary>Clipped.</summary>
internal readonly struct Bounded : IBounds
{
    public static bool Some => true;
}

/// <summary>Not clipped.</summary>
internal readonly struct Unbounded : IBounds
{
    public static bool Some => false;
}

/// <summary>Lets a gradient through where a channel's a·x + c is between the bounds.</summary>
internal readonly struct BatchNormGate
{
    private readonly float _slope, _start, _low, _high;

    public BatchNormGate(in BatchNormWork work, int channel)
    {
        (_slope, _start) = work.LineOf(channel);
        (_low, _high) = (work.Low, work.High);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Keep<T, TBounds>(T gradient, T x) where T : unmanaged, ISimd<T> where TBounds : struct, IBounds =>
        TBounds.Some ? T.KeepWithin(gradient, T.MultiplyAdd(T.Create(_slope), x, T.Create(_start)), T.Create(_low), T.Create(_high)) : gradient;
}
