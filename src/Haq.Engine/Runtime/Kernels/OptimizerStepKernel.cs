using System.Runtime.CompilerServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// Updates all parameters and their moments in place, and returns the length of the gradient. Inputs: (rate, β₁ or momentum, β₂, ε, weight decay, longest gradient), one row (rate
/// factor, decays, floor) per parameter, the parameters, their first moments, with Adam their second, their gradients. With a gradient that is not finite nothing changes.
/// </summary>
internal sealed unsafe class OptimizerStepKernel(KernelAttributes attributes) : CustomKernel
{
    private const int Fixed = 2;
    private readonly int _moments = attributes.Integer("moments", 1);

    public override void Compute(in KernelContext context)
    {
        int parameters = (context.InputCount - Fixed) / (2 + _moments), last = Fixed + (1 + _moments) * parameters;
        float* settings = context.Input(0), each = context.Input(1);
        double square = 0;
        for (int p = 0; p < parameters; p++) square += Square(context.Input(last + p), context.Count(last + p));
        double length = Math.Sqrt(square);
        context.Output(0, [1])[0] = (float)length;
        if (!double.IsFinite(length)) return;
        float shorten = (float)Math.Min(1, settings[5] / Math.Max(length, 1e-12));
        for (int p = 0; p < parameters; p++)
        {
            var update = new Update
            {
                Bits = VectorBits, Adam = _moments == 2, Count = (nint)context.Count(last + p), Value = context.Input(Fixed + p), First = context.Input(Fixed + parameters + p),
                Second = _moments == 2 ? context.Input(Fixed + 2 * parameters + p) : null, Gradient = context.Input(last + p), Shorten = shorten,
                Rate = settings[0] * each[3 * p], Beta1 = settings[1], Beta2 = settings[2], Epsilon = settings[3], Decay = settings[4] * each[3 * p + 1], Floor = each[3 * p + 2],
            };
            VectorLoop.Dispatch(ref update, VectorBits);
        }
    }

    private static double Square(float* values, long count)
    {
        double total = 0;
        for (long from = 0; from < count; from += 4096)
            total += System.Numerics.Tensors.TensorPrimitives.SumOfSquares(new ReadOnlySpan<float>(values + from, (int)Math.Min(4096, count - from)));
        return total;
    }

    private struct Update : IVectorKernel, IVectorOperation
    {
        public int Bits;
        public bool Adam;
        public nint Count;
        public float* Value, First, Second, Gradient;
        public float Shorten, Rate, Beta1, Beta2, Epsilon, Decay, Floor;

        public void Run<T>() where T : unmanaged, ISimd<T> => VectorLoop.Run<T, Update>(ref this, 0, Count);

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
}
