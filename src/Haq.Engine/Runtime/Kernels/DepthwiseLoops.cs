using System.Runtime.CompilerServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>The flat loops of the depthwise kernels. Nine positions, the usual 3x3, keep all their weights or sums in registers.</summary>
internal static unsafe class DepthwiseLoops
{
    private const int Nine = 9;

    /// <summary>result[j] = bias + Σ weights[k]·sources[k][j] for j in 0..count-1; may write up to a register beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Combine<T>(float** sources, float* weights, int positions, float bias, float* result, int count) where T : unmanaged, ISimd<T>
    {
        var b = T.Create(bias);
        if (positions == Nine)
        {
            float* s0 = sources[0], s1 = sources[1], s2 = sources[2], s3 = sources[3], s4 = sources[4], s5 = sources[5], s6 = sources[6], s7 = sources[7], s8 = sources[8];
            T w0 = T.Create(weights[0]), w1 = T.Create(weights[1]), w2 = T.Create(weights[2]), w3 = T.Create(weights[3]), w4 = T.Create(weights[4]);
            T w5 = T.Create(weights[5]), w6 = T.Create(weights[6]), w7 = T.Create(weights[7]), w8 = T.Create(weights[8]);
            for (int j = 0; j < count; j += T.Count)
            {
                // Three chains, so that no multiplication waits for the one before it.
                var x = T.MultiplyAdd(w6, T.Load(s6 + j), T.MultiplyAdd(w3, T.Load(s3 + j), T.MultiplyAdd(w0, T.Load(s0 + j), b)));
                var y = T.MultiplyAdd(w7, T.Load(s7 + j), T.MultiplyAdd(w4, T.Load(s4 + j), w1 * T.Load(s1 + j)));
                var z = T.MultiplyAdd(w8, T.Load(s8 + j), T.MultiplyAdd(w5, T.Load(s5 + j), w2 * T.Load(s2 + j)));
                T.Store(x + (y + z), result + j);
            }
            return;
        }
        for (int j = 0; j < count; j += T.Count)
        {
            var sum = b;
            for (int k = 0; k < positions; k++) sum = T.MultiplyAdd(T.Create(weights[k]), T.Load(sources[k] + j), sum);
            T.Store(sum, result + j);
        }
    }

    /// <summary>sums[k] += Σ gradient[j]·sources[k][j] for j in 0..count-1, count rounded up to whole registers: the gradient is zero there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Correlate<T>(float** sources, float* gradient, int positions, double* sums, int count) where T : unmanaged, ISimd<T>
    {
        if (positions == Nine)
        {
            float* s0 = sources[0], s1 = sources[1], s2 = sources[2], s3 = sources[3], s4 = sources[4], s5 = sources[5], s6 = sources[6], s7 = sources[7], s8 = sources[8];
            T a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default, a8 = default;
            for (int j = 0; j < count; j += T.Count)
            {
                var d = T.Load(gradient + j);
                a0 = T.MultiplyAdd(d, T.Load(s0 + j), a0);
                a1 = T.MultiplyAdd(d, T.Load(s1 + j), a1);
                a2 = T.MultiplyAdd(d, T.Load(s2 + j), a2);
                a3 = T.MultiplyAdd(d, T.Load(s3 + j), a3);
                a4 = T.MultiplyAdd(d, T.Load(s4 + j), a4);
                a5 = T.MultiplyAdd(d, T.Load(s5 + j), a5);
                a6 = T.MultiplyAdd(d, T.Load(s6 + j), a6);
                a7 = T.MultiplyAdd(d, T.Load(s7 + j), a7);
                a8 = T.MultiplyAdd(d, T.Load(s8 + j), a8);
            }
            sums[0] += T.Sum(a0);
            sums[1] += T.Sum(a1);
            sums[2] += T.Sum(a2);
            sums[3] += T.Sum(a3);
            sums[4] += T.Sum(a4);
            sums[5] += T.Sum(a5);
            sums[6] += T.Sum(a6);
            sums[7] += T.Sum(a7);
            sums[8] += T.Sum(a8);
            return;
        }
        for (int k = 0; k < positions; k++)
        {
            T sum = default;
            for (int j = 0; j < count; j += T.Count) sum = T.MultiplyAdd(T.Load(gradient + j), T.Load(sources[k] + j), sum);
            sums[k] += T.Sum(sum);
        }
    }
}
