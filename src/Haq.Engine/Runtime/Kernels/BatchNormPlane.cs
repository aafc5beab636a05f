using System.Runtime.CompilerServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// The loops of batch normalization over one plane of one channel, while the next one, <c>ahead</c> numbers away, is fetched. Sums of at most 4096 numbers are in single precision,
/// in two chains, and of those in double.
/// </summary>
internal static unsafe class BatchNormPlane
{
    private const int Block = 1 << 12;

    /// <summary>Adds Σ (x − shift) and Σ (x − shift)².</summary>
    public static void Moments<T>(float* x, nint ahead, nint count, float shift, ref double sum, ref double squares) where T : unmanaged, ISimd<T>
    {
        for (nint from = 0; from < count; from += Block)
        {
            nint length = nint.Min(Block, count - from), whole = length / T.Count * T.Count;
            MomentsOf<T>(x + from, ahead, whole, shift, ref sum, ref squares);
            MomentsOf<SimdScalar>(x + from + whole, 0, length - whole, shift, ref sum, ref squares);
        }
    }

    /// <summary>Adds Σ dy and Σ dy·(x − mean), of what the gate lets through.</summary>
    public static void Sums<T, TBounds>(in BatchNormGate gate, float* x, float* dy, nint ahead, nint count, float mean, ref double plain, ref double centred)
        where T : unmanaged, ISimd<T> where TBounds : struct, IBounds
    {
        for (nint from = 0; from < count; from += Block)
        {
            nint length = nint.Min(Block, count - from), whole = length / T.Count * T.Count;
            SumsOf<T, TBounds>(gate, x + from, dy + from, ahead, whole, mean, ref plain, ref centred);
            SumsOf<SimdScalar, TBounds>(gate, x + from + whole, dy + from + whole, 0, length - whole, mean, ref plain, ref centred);
        }
    }

    /// <summary>y = clip(slope·x + start).</summary>
    public static void Clip<T>(float* x, float* y, nint ahead, nint count, float slope, float start, float low, float high) where T : unmanaged, ISimd<T>
    {
        var line = new Line { X = x, Y = y, Ahead = ahead, Slope = slope, Start = start, Low = low, High = high };
        VectorLoop.Run<T, Line>(ref line, 0, count);
    }

    /// <summary>dx = a·dy + b·x + c, with the dy that the gate lets through.</summary>
    public static void Combine<T, TBounds>(in BatchNormGate gate, float* x, float* dy, float* dx, nint ahead, nint count, float a, float b, float c)
        where T : unmanaged, ISimd<T> where TBounds : struct, IBounds
    {
        var plane = new Plane<TBounds> { Gate = gate, X = x, Gradient = dy, Result = dx, Ahead = ahead, A = a, B = b, C = c };
        VectorLoop.Run<T, Plane<TBounds>>(ref plane, 0, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MomentsOf<T>(float* x, nint ahead, nint count, float shift, ref double sum, ref double squares) where T : unmanaged, ISimd<T>
    {
        T k = T.Create(shift), s0 = default, s1 = default, q0 = default, q1 = default;
        nint at = 0;
        for (; at + 2 * T.Count <= count; at += 2 * T.Count)
        {
            Ahead.Fetch(x + at + ahead);
            if (T.Count == 16) Ahead.Fetch(x + at + ahead + T.Count);
            T d0 = T.Load(x + at) - k, d1 = T.Load(x + at + T.Count) - k;
            s0 += d0;
            s1 += d1;
            q0 = T.MultiplyAdd(d0, d0, q0);
            q1 = T.MultiplyAdd(d1, d1, q1);
        }
        if (at < count)
        {
            var d = T.Load(x + at) - k;
            s0 += d;
            q0 = T.MultiplyAdd(d, d, q0);
        }
        sum += T.Sum(s0 + s1);
        squares += T.Sum(q0 + q1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumsOf<T, TBounds>(in BatchNormGate gate, float* x, float* dy, nint ahead, nint count, float mean, ref double plain, ref double centred)
        where T : unmanaged, ISimd<T> where TBounds : struct, IBounds
    {
        var local = gate;
        T m = T.Create(mean), s0 = default, s1 = default, p0 = default, p1 = default;
        nint at = 0;
        for (; at + 2 * T.Count <= count; at += 2 * T.Count)
        {
            Ahead.Fetch(x + at + ahead);
            Ahead.Fetch(dy + at + ahead);
            if (T.Count == 16)
            {
                Ahead.Fetch(x + at + ahead + T.Count);
                Ahead.Fetch(dy + at + ahead + T.Count);
            }
            T x0 = T.Load(x + at), x1 = T.Load(x + at + T.Count), d0 = local.Keep<T, TBounds>(T.Load(dy + at), x0), d1 = local.Keep<T, TBounds>(T.Load(dy + at + T.Count), x1);
            s0 += d0;
            s1 += d1;
            p0 = T.MultiplyAdd(x0 - m, d0, p0);
            p1 = T.MultiplyAdd(x1 - m, d1, p1);
        }
        if (at < count)
        {
            T x0 = T.Load(x + at), d0 = local.Keep<T, TBounds>(T.Load(dy + at), x0);
            s0 += d0;
            p0 = T.MultiplyAdd(x0 - m, d0, p0);
        }
        plain += T.Sum(s0 + s1);
        centred += T.Sum(p0 + p1);
    }

    private struct Line : IVectorOperation
    {
        public float* X, Y;
        public nint Ahead;
        public float Slope, Start, Low, High;

        // The bound stands first: what is no number stays so.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(nint at) where T : unmanaged, ISimd<T>
        {
            Numerics.Ahead.Fetch(Y + at + Ahead);
            T.Store(T.Min(T.Create(High), T.Max(T.Create(Low), T.MultiplyAdd(T.Create(Slope), T.Load(X + at), T.Create(Start)))), Y + at);
        }
    }

    private struct Plane<TBounds> : IVectorOperation where TBounds : struct, IBounds
    {
        public BatchNormGate Gate;
        public float* X, Gradient, Result;
        public nint Ahead;
        public float A, B, C;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(nint at) where T : unmanaged, ISimd<T>
        {
            Numerics.Ahead.Fetch(Result + at + Ahead);
            var x = T.Load(X + at);
            var dy = Gate.Keep<T, TBounds>(T.Load(Gradient + at), x);
            T.Store(T.MultiplyAdd(T.Create(B), x, T.MultiplyAdd(T.Create(A), dy, T.Create(C))), Result + at);
        }
    }
}
