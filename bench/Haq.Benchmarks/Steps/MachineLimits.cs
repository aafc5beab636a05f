using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Haq.Engine.Numerics;

namespace Haq.Benchmarks.Steps;

/// <summary>
/// What this machine can do at most, measured on some threads at once: multiply-adds in registers, and reading two large arrays while writing a third. A kernel's roofline
/// is the greater of the times that these two allow it.
/// </summary>
/// <param name="Threads">Threads that worked at once.</param>
/// <param name="GigaFlops">Single-precision operations per nanosecond, all threads together; a multiply-add counts as two.</param>
/// <param name="GigaBytes">Bytes per nanosecond to and from memory, all threads together.</param>
internal sealed record MachineLimits(int Threads, double GigaFlops, double GigaBytes)
{
    // 96 MB each: no cache holds them.
    private const int Numbers = 24 << 20;
    private const int Rounds = 1 << 20;
    private const int Chains = 10;

    /// <summary>Measures both, the best of several tries.</summary>
    public static unsafe MachineLimits Measure(int threads)
    {
        // Registers are a core's own: one core's best counts for all, whatever else runs. Memory is shared.
        double arithmetic = threads * Best(1, static _ =>
        {
            var work = new Arithmetic();
            VectorLoop.Dispatch(ref work, VectorLoop.Widest);
            return work.Operations;
        });
        nint[] arrays = [.. Enumerable.Range(0, threads).Select(_ => (nint)NativeMemory.AllocZeroed((nuint)Numbers * 3, sizeof(float)))];
        double memory = Best(threads, thread =>
        {
            float* a = (float*)arrays[thread];
            System.Numerics.Tensors.TensorPrimitives.Add(new ReadOnlySpan<float>(a, Numbers), new ReadOnlySpan<float>(a + Numbers, Numbers), new Span<float>(a + 2L * Numbers, Numbers));
            return 3.0 * Numbers * sizeof(float);
        });
        foreach (nint array in arrays) NativeMemory.Free((void*)array);
        return new MachineLimits(threads, arithmetic, memory);
    }

    /// <summary>Seconds that nothing on this machine can undercut.</summary>
    public double SecondsOf(double operations, double bytes) => Math.Max(operations / GigaFlops, bytes / GigaBytes) * 1e-9;

    // Units per nanosecond of all threads together.
    private static double Best(int threads, Func<int, double> work)
    {
        double best = 0;
        for (int attempt = 0; attempt < 12; attempt++)
        {
            double[] done = new double[threads];
            long from = Stopwatch.GetTimestamp();
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread => done[thread] = work(thread));
            best = Math.Max(best, done.Sum() / Stopwatch.GetElapsedTime(from).TotalNanoseconds);
        }
        return best;
    }

    private struct Arithmetic : IVectorKernel
    {
        public double Operations;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>() where T : unmanaged, ISimd<T>
        {
            T a = T.Create(0.5f), b = T.Create(1), s0 = b, s1 = b, s2 = b, s3 = b, s4 = b, s5 = b, s6 = b, s7 = b, s8 = b, s9 = b;
            for (int i = 0; i < Rounds; i++)
            {
                (s0, s1, s2, s3, s4) = (T.MultiplyAdd(s0, a, b), T.MultiplyAdd(s1, a, b), T.MultiplyAdd(s2, a, b), T.MultiplyAdd(s3, a, b), T.MultiplyAdd(s4, a, b));
                (s5, s6, s7, s8, s9) = (T.MultiplyAdd(s5, a, b), T.MultiplyAdd(s6, a, b), T.MultiplyAdd(s7, a, b), T.MultiplyAdd(s8, a, b), T.MultiplyAdd(s9, a, b));
            }
            // Read, so that nothing is left out.
            float sum = T.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9);
            Operations = float.IsNaN(sum) ? 0 : 2.0 * Chains * T.Count * Rounds;
        }
    }
}
