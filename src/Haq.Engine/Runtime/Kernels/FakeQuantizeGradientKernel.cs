using System.Runtime.CompilerServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// Gradients of the fake quantizer. Inputs (dy, x, s, (low, high, o, gradient scale)), outputs (dx, ds): dx = dy within the range, else 0; ds = scale·Σ dy·(q − x/s) within and
/// Σ dy·q outside, or with <c>clipping</c> nothing within.
/// </summary>
internal sealed unsafe class FakeQuantizeGradientKernel(KernelAttributes attributes) : CustomKernel
{
    private readonly int _axis = attributes.Integer("axis", 0);
    private readonly bool _clipping = attributes.Integer("clipping", 0) != 0;

    public override void Compute(in KernelContext context)
    {
        Span<long> shape = stackalloc long[8];
        shape = shape[..context.Shape(1, shape)];
        long scales = context.Count(2);
        var layout = new FakeQuantizeLayout(shape, _axis, scales);
        double* sums = stackalloc double[layout.PerChannel ? 1 : layout.Parts];
        var work = new Work
        {
            Bits = VectorBits, Layout = layout, Within = _clipping ? 0 : 1, Gradient = context.Input(0), X = context.Input(1), Scales = context.Input(2),
            Settings = context.Input(3), Result = context.Output(0, shape), ScaleGradient = context.Output(1, [scales]), Sums = sums,
        };
        context.Parallel(layout.Parts, ref work);
        if (layout.PerChannel) return;
        double sum = 0;
        for (int part = 0; part < layout.Parts; part++) sum += sums[part];
        work.ScaleGradient[0] = (float)(sum * work.Settings[3]);
    }

    private struct Work : IParallelBody, IVectorKernel
    {
        public int Bits, Part;
        public float Within;
        public FakeQuantizeLayout Layout;
        public float* Gradient, X, Scales, Settings, Result, ScaleGradient;
        public double* Sums;

        public void Run(int part)
        {
            var mine = this;
            mine.Part = part;
            VectorLoop.Dispatch(ref mine, Bits);
        }

        public readonly void Run<T>() where T : unmanaged, ISimd<T>
        {
            if (!Layout.PerChannel)
            {
                var (from, to) = Layout.RangeOf(Part);
                Sums[Part] = Sum<T>(from, to, Scales[0]);
                return;
            }
            var (first, last) = Layout.ChannelsOf(Part);
            for (int channel = first; channel < last; channel++)
            {
                double sum = 0;
                for (long outer = 0; outer < Layout.Outer; outer++)
                {
                    nint from = (nint)((outer * Layout.Channels + channel) * Layout.Inner);
                    sum += Sum<T>(from, from + (nint)Layout.Inner, Scales[channel]);
                }
                ScaleGradient[channel] = (float)(sum * Settings[3]);
            }
        }

        // Sums of at most 4096 numbers in single precision, of those in double.
        private readonly double Sum<T>(nint from, nint to, float scale) where T : unmanaged, ISimd<T>
        {
            double total = 0;
            for (nint block = from; block < to; block += 4096) total += Block<T>(block, Math.Min(to, block + 4096), scale);
            return total;
        }

        // Whole registers, then the numbers that are left.
        private readonly float Block<T>(nint from, nint to, float scale) where T : unmanaged, ISimd<T>
        {
            nint whole = from + (to - from) / T.Count * T.Count;
            return Registers<T>(from, whole, scale) + Registers<SimdScalar>(whole, to, scale);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly float Registers<T>(nint from, nint to, float scale) where T : unmanaged, ISimd<T>
        {
            float* gradient = Gradient, x = X, result = Result;
            T low = T.Create(Settings[0]), high = T.Create(Settings[1]), offset = T.Create(Settings[2]), s = T.Create(scale), within = T.Create(Within), total = default;
            for (nint at = from; at < to; at += T.Count)
            {
                var v = T.Load(x + at) / s;
                var clamped = T.Min(T.Max(v, low), high);
                var dy = T.Load(gradient + at);
                var inside = T.KeepEqual(dy, v, clamped);
                T.Store(inside, result + at);
                // Rounding what was clamped changes nothing outside: the limits are levels. Outside q counts; within q − v with LSQ, and nothing with clipping.
                var q = T.Round(clamped - offset) + offset;
                // Where inside is not zero, clamped is v; where v is infinite, a mask say, zero times v would be no number.
                total = T.MultiplyAdd(dy - inside, q, T.MultiplyAdd(inside, (q - clamped) * within, total));
            }
            return T.Sum(total);
        }
    }
}
