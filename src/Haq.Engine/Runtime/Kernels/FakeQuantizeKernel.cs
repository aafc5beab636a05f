using System.Runtime.CompilerServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>y = s·clamp(round(x/s − o) + o, low, high); y = x where s is 0. Inputs (x, s, (low, high, o, gradient scale)).</summary>
internal sealed unsafe class FakeQuantizeKernel(KernelAttributes attributes) : CustomKernel
{
    private readonly int _axis = attributes.Integer("axis", 0);

    public override void Compute(in KernelContext context)
    {
        Span<long> shape = stackalloc long[8];
        shape = shape[..context.Shape(0, shape)];
        var layout = new FakeQuantizeLayout(shape, _axis, context.Count(1));
        var work = new Work { Bits = VectorBits, Layout = layout, X = context.Input(0), Scales = context.Input(1), Settings = context.Input(2), Y = context.Output(0, shape) };
        context.Parallel(layout.Parts, ref work);
    }

    private struct Work : IParallelBody, IVectorKernel
    {
        public int Bits, Part;
        public FakeQuantizeLayout Layout;
        public float* X, Scales, Settings, Y;

        public void Run(int part)
        {
            var mine = this;
            mine.Part = part;
            VectorLoop.Dispatch(ref mine, Bits);
        }

        public readonly void Run<T>() where T : unmanaged, ISimd<T>
        {
            var operation = new Operation { X = X, Y = Y, Low = Settings[0], High = Settings[1], Offset = Settings[2] };
            if (!Layout.PerChannel)
            {
                var (from, to) = Layout.RangeOf(Part);
                operation.Scale = Scales[0];
                Quantize<T>(ref operation, from, to);
                return;
            }
            var (first, last) = Layout.ChannelsOf(Part);
            for (long outer = 0; outer < Layout.Outer; outer++)
            {
                for (int channel = first; channel < last; channel++)
                {
                    nint from = (nint)((outer * Layout.Channels + channel) * Layout.Inner);
                    operation.Scale = Scales[channel];
                    Quantize<T>(ref operation, from, from + (nint)Layout.Inner);
                }
            }
        }

        private readonly void Quantize<T>(ref Operation operation, nint from, nint to) where T : unmanaged, ISimd<T>
        {
            if (operation.Scale == 0) new ReadOnlySpan<float>(X + from, checked((int)(to - from))).CopyTo(new Span<float>(Y + from, checked((int)(to - from))));
            else VectorLoop.Run<T, Operation>(ref operation, from, to);
        }
    }

    private struct Operation : IVectorOperation
    {
        public float* X, Y;
        public float Scale, Low, High, Offset;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(nint at) where T : unmanaged, ISimd<T>
        {
            var (s, o) = (T.Create(Scale), T.Create(Offset));
            var q = T.Min(T.Max(T.Round(T.Load(X + at) / s - o) + o, T.Create(Low)), T.Create(High));
            T.Store(q * s, Y + at);
        }
    }
}
