using System.Runtime.CompilerServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>The update of one parameter's numbers and of their moments, in place.</summary>
internal unsafe struct OptimizerUpdate : IVectorOperation
{
    public bool Adam;
    public nint Count;
    public float* Value, First, Second, Gradient;
    public float Shorten, Rate, Beta1, Beta2, Epsilon, Decay, Floor;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void At<T>(nint at) where T : unmanaged, ISimd<T>
    {
        T value = T.Load(Value + at), gradient = T.Load(Gradient + at) * T.Create(Shorten), rate = T.Create(Rate), decay = T.Create(Decay), next;
        if (Adam)
        {
            var first = T.Load(First + at) * T.Create(Beta1) + gradient * T.Create(1 - Beta1);
            var second = T.Load(Second + at) * T.Create(Beta2) + gradient * gradient * T.Create(1 - Beta2);
            T.Store(first, First + at);
            T.Store(second, Second + at);
            next = value - (first / (T.Sqrt(second) + T.Create(Epsilon)) + value * decay) * rate;
        }
        else
        {
            var velocity = T.Load(First + at) * T.Create(Beta1) + gradient + value * decay;
            T.Store(velocity, First + at);
            next = value - velocity * rate;
        }
        T.Store(T.Max(next, T.Create(Floor)), Value + at);
    }
}
