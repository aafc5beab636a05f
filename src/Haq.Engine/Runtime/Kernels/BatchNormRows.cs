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
        float* a = Scratch.Of(4L * _length), c = a + _length, sums = c + _length, squares = sums + _length, x = work.X + (nint)_first * _inner;
        double count = (double)_batch * _inner;
        for (int i = 0; i < _channels; i++) Fill(c, i, (float)(Total(x, i) / _inner));
        Moments<T>(x, c, sums, squares);
        for (int i = 0; i < _channels; i++)
        {
            work.KeepMoments(_first + i, c[i * _inner], Total(sums, i), Total(squares, i), count);
            var (slope, start) = work.LineOf(_first + i);
            Fill(a, i, slope);
            Fill(c, i, start);
        }
        for (int n = 0; n < _batch; n++)
        {
            var row = new Line { From = x + n * _pitch, To = work.Y + (nint)_first * _inner + n * _pitch, A = a, C = c, Low = work.Low, High = work.High };
            VectorLoop.Run<T, Line>(ref row, 0, _length);
        }
    }

    public void Differentiate<T>(in BatchNormWork work) where T : unmanaged, ISimd<T>
    {
        float* a = Scratch.Of(7L * _length), b = a + _length, c = b + _length, slopes = c + _length, starts = slopes + _length, plain = starts + _length, centred = plain + _length;
        float* x = work.X + (nint)_first * _inner, dy = work.Gradient + (nint)_first * _inner;
        for (int i = 0; i < _channels; i++)
        {
            var (slope, start) = work.IsBounded ? work.LineOf(_first + i) : default;
            Fill(slopes, i, slope);
            Fill(starts, i, start);
            Fill(c, i, work.Mean[_first + i]);
        }
        var gate = new RowGate { Slopes = slopes, Starts = starts, Low = work.Low, High = work.High };
        if (work.IsBounded) Sums<T, Bounded>(gate, x, dy, c, plain, centred);
        else Sums<T, Unbounded>(gate, x, dy, c, plain, centred);
        for (int i = 0; i < _channels; i++)
        {
            var (first, second, third) = work.PlaneOf(_first + i, Total(plain, i), Total(centred, i), (double)_batch * _inner);
            Fill(a, i, first);
            Fill(b, i, second);
            Fill(c, i, third);
        }
        for (int n = 0; n < _batch; n++)
        {
            float* result = work.Y + (nint)_first * _inner + n * _pitch;
            if (work.IsBounded) Combine<T, Bounded>(gate, x + n * _pitch, dy + n * _pitch, result, a, b, c);
            else Combine<T, Unbounded>(gate, x + n * _pitch, dy + n * _pitch, result, a, b, c);
        }
    }

    private double Total(float* sums, int channel)
    {
        double total = 0;
        for (int i = 0; i < _inner; i++) total += sums[channel * _inner + i];
        return total;
    }

    private void Fill(float* row, int channel, float value) => new Span<float>(row + channel * _inner, _inner).Fill(value);

    // Σ over images of x − shift and of its square.
    private void Moments<T>(float* x, float* shifts, float* sums, float* squares) where T : unmanaged, ISimd<T>
    {
        int whole = _length / T.Count * T.Count;
        for (int at = 0; at < whole; at += T.Count) MomentsAt<T>(x + at, shifts + at, sums + at, squares + at);
        for (int at = whole; at < _length; at++) MomentsAt<SimdScalar>(x + at, shifts + at, sums + at, squares + at);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MomentsAt<T>(float* x, float* shifts, float* sums, float* squares) where T : unmanaged, ISimd<T>
    {
        T k = T.Load(shifts), s0 = default, s1 = default, q0 = default, q1 = default;
        int n = 0;
        for (; n + 2 <= _batch; n += 2, x += 2 * _pitch)
        {
            T d0 = T.Load(x) - k, d1 = T.Load(x + _pitch) - k;
            s0 += d0;
            s1 += d1;
            q0 = T.MultiplyAdd(d0, d0, q0);
            q1 = T.MultiplyAdd(d1, d1, q1);
        }
        if (n < _batch)
        {
            var d = T.Load(x) - k;
            s0 += d;
            q0 = T.MultiplyAdd(d, d, q0);
        }
        T.Store(s0 + s1, sums);
        T.Store(q0 + q1, squares);
    }

    // Σ over images of dy and of dy·(x − mean).
    private void Sums<T, TBounds>(RowGate gate, float* x, float* dy, float* means, float* plain, float* centred) where T : unmanaged, ISimd<T> where TBounds : struct, IBounds
    {
        int whole = _length / T.Count * T.Count;
        for (int at = 0; at < whole; at += T.Count) SumsAt<T, TBounds>(gate, at, x, dy, means, plain, centred);
        for (int at = whole; at < _length; at++) SumsAt<SimdScalar, TBounds>(gate, at, x, dy, means, plain, centred);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SumsAt<T, TBounds>(in RowGate gate, int at, float* x, float* dy, float* means, float* plain, float* centred)
        where T : unmanaged, ISimd<T> where TBounds : struct, IBounds
    {
        T mean = T.Load(means + at), slope = T.Load(gate.Slopes + at), start = T.Load(gate.Starts + at), low = T.Create(gate.Low), high = T.Create(gate.High), s = default, p = default;
        nint place = at;
        for (int n = 0; n < _batch; n++, place += _pitch)
        {
            T v = T.Load(x + place), d = T.Load(dy + place);
            if (TBounds.Some) d = T.KeepWithin(d, T.MultiplyAdd(slope, v, start), low, high);
            s += d;
            p = T.MultiplyAdd(v - mean, d, p);
        }
        T.Store(s, plain + at);
        T.Store(p, centred + at);
    }

    private void Combine<T, TBounds>(RowGate gate, float* x, float* dy, float* dx, float* a, float* b, float* c) where T : unmanaged, ISimd<T> where TBounds : struct, IBounds
    {
        var row = new Plane<TBounds> { Gate = gate, X = x, Gradient = dy, Result = dx, A = a, B = b, C = c };
        VectorLoop.Run<T, Plane<TBounds>>(ref row, 0, _length);
    }

    // The lines of the channels of a row, number by number, and their bounds.
    private struct RowGate
    {
        public float* Slopes, Starts;
        public float Low, High;
    }

    private struct Line : IVectorOperation
    {
        public float* From, To, A, C;
        public float Low, High;

        // The bound stands first: what is no number stays so.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(nint at) where T : unmanaged, ISimd<T> =>
            T.Store(T.Min(T.Create(High), T.Max(T.Create(Low), T.MultiplyAdd(T.Load(A + at), T.Load(From + at), T.Load(C + at)))), To + at);
    }

    private struct Plane<TBounds> : IVectorOperation where TBounds : struct, IBounds
    {
        public RowGate Gate;
        public float* X, Gradient, Result, A, B, C;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(nint at) where T : unmanaged, ISimd<T>
        {
            T x = T.Load(X + at), dy = T.Load(Gradient + at);
            if (TBounds.Some) dy = T.KeepWithin(dy, T.MultiplyAdd(T.Load(Gate.Slopes + at), x, T.Load(Gate.Starts + at)), T.Create(Gate.Low), T.Create(Gate.High));
            T.Store(T.MultiplyAdd(T.Load(B + at), x, T.MultiplyAdd(T.Load(A + at), dy, T.Load(C + at))), Result + at);
        }
    }
}
