using System.Runtime.CompilerServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>One pass for sums and one for results per channel; a channel is one thread's, so its sums are always made in the same order.</summary>
internal unsafe struct BatchNormWork : IParallelBody, IVectorKernel
{
    public bool Backward;
    public int Bits;
    public float Epsilon;
    public float* X, Y, Gradient, Scale, Bias, Mean, Variance, ScaleGradient, BiasGradient;
    private readonly int _batch, _channels;
    private readonly nint _inner;
    private int _part;

    public BatchNormWork(ReadOnlySpan<long> shape)
    {
        (_batch, _channels, _inner) = ((int)shape[0], (int)shape[1], (nint)KernelContext.Product(shape[2..]));
        Parts = IsSmall ? (int)Math.Clamp(_channels * _inner / 128, Math.Min(_channels, 2), Math.Min(_channels, 16)) : Math.Min(_channels, 16);
    }

    public int Parts { get; }

    // Registers along a channel's few numbers would be mostly empty: they run across channels then.
    private readonly bool IsSmall => _inner < 128;

    public void Run(int part)
    {
        var mine = this;
        mine._part = part;
        VectorLoop.Dispatch(ref mine, Bits);
    }

    public readonly void Run<T>() where T : unmanaged, ISimd<T>
    {
        int first = _channels * _part / Parts, last = _channels * (_part + 1) / Parts;
        if (IsSmall && last > first)
        {
            var rows = new BatchNormRows(_batch, (nint)_channels * _inner, first, last - first, (int)_inner);
            if (Backward) rows.Differentiate<T>(this);
            else rows.Normalize<T>(this);
            return;
        }
        for (int channel = first; channel < last; channel++)
        {
            if (Backward) Differentiate<T>(channel);
            else Normalize<T>(channel);
        }
    }

    private readonly void Normalize<T>(int channel) where T : unmanaged, ISimd<T>
    {
        double count = (double)_batch * _inner, sum = 0, squares = 0;
        for (int n = 0; n < _batch; n++) sum += Sum<T>(X + At(n, channel), null, 0);
        double mean = sum / count;
        // Around the mean, in a second pass: the difference of two large sums would lose what small variances need.
        for (int n = 0; n < _batch; n++) squares += Sum<T>(X + At(n, channel), X + At(n, channel), (float)mean);
        double variance = squares / count;
        (Mean[channel], Variance[channel]) = ((float)mean, (float)variance);
        float slope = (float)(Scale[channel] / Math.Sqrt(variance + Epsilon)), shift = (float)(Bias[channel] - mean * slope);
        for (int n = 0; n < _batch; n++)
        {
            var line = new Line { From = X + At(n, channel), To = Y + At(n, channel), A = slope, C = shift };
            VectorLoop.Run<T, Line>(ref line, 0, _inner);
        }
    }

    // dx = slope·(dy − mean(dy) − x̂·mean(dy·x̂))
    private readonly void Differentiate<T>(int channel) where T : unmanaged, ISimd<T>
    {
        double count = (double)_batch * _inner, plain = 0, centred = 0, mean = Mean[channel], inverse = 1 / Math.Sqrt((double)Variance[channel] + Epsilon);
        for (int n = 0; n < _batch; n++)
        {
            plain += Sum<T>(Gradient + At(n, channel), null, 0);
            centred += Sum<T>(X + At(n, channel), Gradient + At(n, channel), (float)mean);
        }
        double normalized = centred * inverse, slope = Scale[channel] * inverse;
        (ScaleGradient[channel], BiasGradient[channel]) = ((float)normalized, (float)plain);
        double b = -slope * inverse * normalized / count;
        float c = (float)(-slope * plain / count - b * mean);
        for (int n = 0; n < _batch; n++)
        {
            var line = new Line { From = Gradient + At(n, channel), Second = X + At(n, channel), To = Y + At(n, channel), A = (float)slope, B = (float)b, C = c };
            VectorLoop.Run<T, Line>(ref line, 0, _inner);
        }
    }

    private readonly nint At(int n, int channel) => ((nint)n * _channels + channel) * _inner;

    // Σ x, or Σ (x − mean)·y, where y = x stands for the square of the difference.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly double Sum<T>(float* x, float* y, float mean) where T : unmanaged, ISimd<T>
    {
        double total = 0;
        for (nint from = 0; from < _inner; from += 4096)
        {
            nint to = Math.Min(_inner, from + 4096), at = from;
            T sum = default;
            for (; at + T.Count <= to; at += T.Count) sum += Term<T>(x, y, mean, at);
            SimdScalar rest = default;
            for (; at < to; at++) rest += Term<SimdScalar>(x, y, mean, at);
            total += T.Sum(sum) + SimdScalar.Sum(rest);
        }
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Term<T>(float* x, float* y, float mean, nint at) where T : unmanaged, ISimd<T>
    {
        var v = T.Load(x + at);
        if (y == null) return v;
        var difference = v - T.Create(mean);
        return y == x ? difference * difference : difference * T.Load(y + at);
    }

    private struct Line : IVectorOperation
    {
        public float* From, Second, To;
        public float A, B, C;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(nint at) where T : unmanaged, ISimd<T>
        {
            var value = T.MultiplyAdd(T.Create(A), T.Load(From + at), T.Create(C));
            if (Second != null) value = T.MultiplyAdd(T.Create(B), T.Load(Second + at), value);
            T.Store(value, To + at);
        }
    }
}
