using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// Batch normalization clipped to bounds, z = clip(a·x + c), or its gradient: one pass for sums and one for results per channel. A channel is one thread's, so its sums are always
/// made in the same order. The gradient makes a·x + c again to the bit, so that it needs no z to see what was clipped.
/// </summary>
internal unsafe struct BatchNormWork : IParallelBody, IVectorKernel
{
    public bool Backward;
    public int Bits;
    public float Epsilon, Low = float.NegativeInfinity, High = float.PositiveInfinity;
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

    /// <summary>Whether a value can be outside of the bounds.</summary>
    public readonly bool IsBounded => !float.IsNegativeInfinity(Low) || !float.IsPositiveInfinity(High);

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

    /// <summary>
    /// Keeps a channel's mean and variance, given what its numbers less <paramref name="shift"/> sum up to. The shift is the mean of the first of N images, whose distance from the
    /// channel's mean has a square of at most N variances: so much of the sum of squares may cancel, not more.
    /// </summary>
    public readonly void KeepMoments(int channel, double shift, double sum, double squares, double count)
    {
        double away = sum / count;
        (Mean[channel], Variance[channel]) = ((float)(shift + away), (float)Math.Max(0, squares / count - away * away));
    }

    /// <summary>a and c of a channel's line, from what was kept.</summary>
    public readonly (float Slope, float Start) LineOf(int channel)
    {
        float slope = (float)(Scale[channel] / Math.Sqrt((double)Variance[channel] + Epsilon));
        return (slope, (float)(Bias[channel] - (double)Mean[channel] * slope));
    }

    /// <summary>dx = a·dy + b·x + c, which is slope·(dy − mean(dy) − x̂·mean(dy·x̂)), given Σ dy and Σ dy·(x − mean); keeps the gradients of scale and bias.</summary>
    public readonly (float A, float B, float C) PlaneOf(int channel, double plain, double centred, double count)
    {
        double inverse = 1 / Math.Sqrt((double)Variance[channel] + Epsilon), scale = centred * inverse, slope = Scale[channel] * inverse, second = -slope * inverse * scale / count;
        (ScaleGradient[channel], BiasGradient[channel]) = ((float)scale, (float)plain);
        return ((float)slope, (float)second, (float)(-slope * plain / count - second * Mean[channel]));
    }

    private readonly void Normalize<T>(int channel) where T : unmanaged, ISimd<T>
    {
        double count = (double)_batch * _inner, sum = 0, squares = 0;
        BatchNormPlane.Moments<T>(X + At(0, channel), 0, _inner, 0, ref sum, ref squares);
        float shift = (float)(sum / _inner);
        (sum, squares) = (0, 0);
        for (int n = 0; n < _batch; n++) BatchNormPlane.Moments<T>(X + At(n, channel), AheadOf(n), _inner, shift, ref sum, ref squares);
        KeepMoments(channel, shift, sum, squares, count);
        var (slope, start) = LineOf(channel);
        for (int n = 0; n < _batch; n++) BatchNormPlane.Clip<T>(X + At(n, channel), Y + At(n, channel), AheadOf(n), _inner, slope, start, Low, High);
    }

    private readonly void Differentiate<T>(int channel) where T : unmanaged, ISimd<T>
    {
        double plain = 0, centred = 0;
        var gate = IsBounded ? new BatchNormGate(this, channel) : default;
        for (int n = 0; n < _batch; n++)
        {
            if (IsBounded) BatchNormPlane.Sums<T, Bounded>(gate, X + At(n, channel), Gradient + At(n, channel), AheadOf(n), _inner, Mean[channel], ref plain, ref centred);
            else BatchNormPlane.Sums<T, Unbounded>(gate, X + At(n, channel), Gradient + At(n, channel), AheadOf(n), _inner, Mean[channel], ref plain, ref centred);
        }
        var (a, b, c) = PlaneOf(channel, plain, centred, (double)_batch * _inner);
        for (int n = 0; n < _batch; n++)
        {
            if (IsBounded) BatchNormPlane.Combine<T, Bounded>(gate, X + At(n, channel), Gradient + At(n, channel), Y + At(n, channel), AheadOf(n), _inner, a, b, c);
            else BatchNormPlane.Combine<T, Unbounded>(gate, X + At(n, channel), Gradient + At(n, channel), Y + At(n, channel), AheadOf(n), _inner, a, b, c);
        }
    }

    // From an image to the next.
    private readonly nint AheadOf(int n) => n + 1 < _batch ? _channels * _inner : 0;

    private readonly nint At(int n, int channel) => ((nint)n * _channels + channel) * _inner;
}
