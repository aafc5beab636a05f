using System.Runtime.CompilerServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>Gradient of a clipping, seen from its output y: dx = dy where low &lt; y &lt; high, else 0. Inputs (dy, y).</summary>
internal sealed unsafe class BoundedGradientKernel(KernelAttributes attributes) : CustomKernel
{
    private const int Block = 1 << 16;
    private readonly float _low = attributes.Number("low"), _high = attributes.Number("high");

    public override void Compute(in KernelContext context)
    {
        Span<long> shape = stackalloc long[8];
        shape = shape[..context.Shape(1, shape)];
        long count = KernelContext.Product(shape);
        var work = new Work
        {
            Bits = VectorBits, Count = count, Gradient = context.Input(0), Y = context.Input(1), Result = context.Output(0, shape), Low = _low, High = _high,
        };
        context.Parallel((int)((count + Block - 1) / Block), ref work);
    }

    private struct Work : IParallelBody, IVectorKernel
    {
        public int Bits, Part;
        public long Count;
        public float* Gradient, Y, Result;
        public float Low, High;

        public void Run(int part)
        {
            var mine = this;
            mine.Part = part;
            VectorLoop.Dispatch(ref mine, Bits);
        }

        public void Run<T>() where T : unmanaged, ISimd<T>
        {
            var operation = new Operation { Gradient = Gradient, Y = Y, Result = Result, Low = Low, High = High };
            VectorLoop.Run<T, Operation>(ref operation, (nint)Part * Block, (nint)Math.Min(Count, (Part + 1L) * Block));
        }
    }

    private struct Operation : IVectorOperation
    {
        public float* Gradient, Y, Result;
        public float Low, High;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(nint at) where T : unmanaged, ISimd<T> =>
            T.Store(T.KeepWithin(T.Load(Gradient + at), T.Load(Y + at), T.Create(Low), T.Create(High)), Result + at);
    }
}
