using System.Runtime.CompilerServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// Batch normalization of a few neighbouring channels with small maps. In each image they are one row of numbers: sums are made for every place of the row over the images, and
/// then, in double precision, over a channel's places.
/// </summary>
internal readonly unsafe struct BatchNormRows
{
    private readonly int _batch, _first, _channels, _inner, _length;
    private readonly nint _pitch;

    /// <summary>The channels from <paramref name="first"/> on of maps with <paramref name="inner"/> numbers, <paramref name="pitch"/> numbers from image to image.</summary>
    public BatchNormRows(int batch, nint pitch, int first, int channels, int inner) =>
        (_batch, _pitch, _first, _channels, _inner, _length) = (batch, pitch, first, channels, inner, channels * inner);

    public void Normalize<T>(in BatchNormWork work) where T : unmanaged, ISimd<T>
    {
        float* sums = Scratch.Of(3L * _length), a = sums + _length, c = a + _length, x = work.X + (nint)_first * _inner;
        double count = (double)_batch * _inner;
        Sum<T>(x, null, null, sums);
        for (int i = 0; i < _channels; i++)
        {
            work.Mean[_first + i] = (float)(Total(sums, i) / count);
            new Span<float>(c + i * _inner, _inner).Fill(work.Mean[_first + i]);
        }
        Sum<T>(x, x, c, sums);
        for (int i = 0; i < _channels; i++)
        {
            int channel = _first + i;
            double variance = Total(sums, i) / count;
            work.Variance[channel] = (float)variance;
            float slope = (float)(work.Scale[channel] / Math.Sqrt(variance + work.Epsilon));
            new Span<float>(a + i * _inner, _inner).Fill(slope);
            new Span<float>(c + i * _inner, _inner).Fill((float)(work.Bias[channel] - (double)work.Mean[channel] * slope));
        }
        Write<T>(x, null, work.Y + (nint)_first * _inner, a, null, c);
    }

    // dx = slope·(dy − mean(dy) − x̂·mean(dy·x̂))
    public void Differentiate<T>(in BatchNormWork work) where T : unmanaged, ISimd<T>
    {
        float* plain = Scratch.Of(5L * _length), centred = plain + _length, a = centred + _length, b = a + _length, c = b + _length;
        float* x = work.X + (nint)_first * _inner, dy = work.Gradient + (nint)_first * _inner;
        double count = (double)_batch * _inner;
        for (int i = 0; i < _channels; i++) new Span<float>(c + i * _inner, _inner).Fill(work.Mean[_first + i]);
        Sum<T>(dy, null, null, plain);
        Sum<T>(x, dy, c, centred);
        for (int i = 0; i < _channels; i++)
        {
            int channel = _first + i;
            double inverse = 1 / Math.Sqrt((double)work.Variance[channel] + work.Epsilon), bias = Total(plain, i), scale = Total(centred, i) * inverse;
            (work.ScaleGradient[channel], work.BiasGradient[channel]) = ((float)scale, (float)bias);
            double slope = work.Scale[channel] * inverse, second = -slope * inverse * scale / count;
            new Span<float>(a + i * _inner, _inner).Fill((float)slope);
            new Span<float>(b + i * _inner, _inner).Fill((float)second);
            new Span<float>(c + i * _inner, _inner).Fill((float)(-slope * bias / count - second * work.Mean[channel]));
        }
        Write<T>(dy, x, work.Y + (nint)_first * _inner, a, b, c);
    }

    private double Total(float* sums, int channel)
    {
        double total = 0;
        for (int i = 0; i < _inner; i++) total += sums[channel * _inner + i];
        return total;
    }

    // sums[j] = Σ over images of x[j], or of (x[j] − mean[j])·y[j], where y = x stands for the square of the difference.
    private void Sum<T>(float* x, float* y, float* mean, float* sums) where T : unmanaged, ISimd<T>
    {
        new Span<float>(sums, _length).Clear();
        for (int n = 0; n < _batch; n++)
        {
            nint at = n * _pitch;
            if (y == null)
            {
                var row = new PlainSum { X = x + at, Sums = sums };
                VectorLoop.Run<T, PlainSum>(ref row, 0, _length);
            }
            else if (y == x)
            {
                var row = new SquareSum { X = x + at, Mean = mean, Sums = sums };
                VectorLoop.Run<T, SquareSum>(ref row, 0, _length);
            }
            else
            {
                var row = new ProductSum { X = x + at, Y = y + at, Mean = mean, Sums = sums };
                VectorLoop.Run<T, ProductSum>(ref row, 0, _length);
            }
        }
    }

    private void Write<T>(float* from, float* second, float* to, float* a, float* b, float* c) where T : unmanaged, ISimd<T>
    {
        for (int n = 0; n < _batch; n++)
        {
            nint at = n * _pitch;
            if (second == null)
            {
                var row = new Line { From = from + at, To = to + at, A = a, C = c };
                VectorLoop.Run<T, Line>(ref row, 0, _length);
            }
            else
            {
                var row = new Plane { From = from + at, Second = second + at, To = to + at, A = a, B = b, C = c };
                VectorLoop.Run<T, Plane>(ref row, 0, _length);
            }
        }
    }

    private struct PlainSum : IVectorOperation
    {
        public float* X, Sums;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(nint at) where T : unmanaged, ISimd<T> => T.Store(T.Load(Sums + at) + T.Load(X + at), Sums + at);
    }

    private struct SquareSum : IVectorOperation
    {
        public float* X, Mean, Sums;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(nint at) where T : unmanaged, ISimd<T>
        {
            var difference = T.Load(X + at) - T.Load(Mean + at);
            T.Store(T.MultiplyAdd(difference, difference, T.Load(Sums + at)), Sums + at);
        }
    }

    private struct ProductSum : IVectorOperation
    {
        public float* X, Y, Mean, Sums;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(nint at) where T : unmanaged, ISimd<T> =>
            T.Store(T.MultiplyAdd(T.Load(X + at) - T.Load(Mean + at), T.Load(Y + at), T.Load(Sums + at)), Sums + at);
    }

    private struct Line : IVectorOperation
    {
        public float* From, To, A, C;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(nint at) where T : unmanaged, ISimd<T> => T.Store(T.MultiplyAdd(T.Load(A + at), T.Load(From + at), T.Load(C + at)), To + at);
    }

    private struct Plane : IVectorOperation
    {
        public float* From, Second, To, A, B, C;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(nint at) where T : unmanaged, ISimd<T> =>
            T.Store(T.MultiplyAdd(T.Load(B + at), T.Load(Second + at), T.MultiplyAdd(T.Load(A + at), T.Load(From + at), T.Load(C + at))), To + at);
    }
}
