using System.Runtime.CompilerServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Quantization.Rounding;

/// <summary>
/// Adds the products of vectors with themselves to an upper triangle that lies row by row. Every element gets the vectors' products one after the other, so that the bits depend
/// neither on how many vectors come at once, nor on registers or threads.
/// </summary>
internal static unsafe class MomentProducts
{
    private const int Rows = 4;

    // From so many products on it is worth it to ask another core.
    private const long ParallelProducts = 1L << 22;

    /// <summary>Where a row starts, which is its diagonal.</summary>
    public static long StartOf(int row, int size) => ((2L * size) - row + 1) * row / 2;

    /// <summary>Adds them.</summary>
    /// <param name="triangle">size · (size + 1) / 2 sums.</param>
    /// <param name="vectors">One after the other.</param>
    /// <param name="size">Numbers of a vector.</param>
    /// <param name="count">How many there are.</param>
    public static void Add(float[] triangle, float[] vectors, int size, int count) => Add(triangle, vectors, size, count, VectorLoop.Widest);

    /// <summary>The same in registers of a width that a test chooses.</summary>
    internal static void Add(float[] triangle, float[] vectors, int size, int count, int registerBits)
    {
        int groups = (size + Rows - 1) / Rows;
        if ((long)size * size * count < ParallelProducts)
        {
            for (int g = 0; g < groups; g++) AddGroup(g);
        }
        else
        {
            // Long rows and short ones together.
            Parallel.For(0, (groups + 1) / 2, g =>
            {
                AddGroup(g);
                if (groups - 1 - g != g) AddGroup(groups - 1 - g);
            });
        }

        void AddGroup(int group)
        {
            fixed (float* to = triangle, from = vectors)
            {
                var kernel = new Group(to, from, size, count, group * Rows);
                VectorLoop.Dispatch(ref kernel, registerBits);
            }
        }
    }

    private readonly struct Group(float* triangle, float* vectors, int size, int count, int first) : IVectorKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>() where T : unmanaged, ISimd<T>
        {
            int end = Math.Min(first + Rows, size);
            if (end - first < Rows)
            {
                for (int i = first; i < end; i++) AddAlone<T>(i, i);
                return;
            }
            // Up to the last of the four diagonals the rows have different beginnings.
            for (int i = first; i < end; i++)
                for (int j = i; j < end; j++) AddOne(i, j);
            float* a = Row(first), b = Row(first + 1), c = Row(first + 2), d = Row(first + 3);
            int at = end;
            for (; at <= size - 2 * T.Count; at += 2 * T.Count)
            {
                T a0 = T.Load(a + at), a1 = T.Load(a + at + T.Count), b0 = T.Load(b + at), b1 = T.Load(b + at + T.Count);
                T c0 = T.Load(c + at), c1 = T.Load(c + at + T.Count), d0 = T.Load(d + at), d1 = T.Load(d + at + T.Count);
                float* vector = vectors;
                for (int v = 0; v < count; v++, vector += size)
                {
                    T x = T.Load(vector + at), y = T.Load(vector + at + T.Count);
                    T factor = T.Create(vector[first]);
                    a0 += x * factor;
                    a1 += y * factor;
                    factor = T.Create(vector[first + 1]);
                    b0 += x * factor;
                    b1 += y * factor;
                    factor = T.Create(vector[first + 2]);
                    c0 += x * factor;
                    c1 += y * factor;
                    factor = T.Create(vector[first + 3]);
                    d0 += x * factor;
                    d1 += y * factor;
                }
                T.Store(a0, a + at);
                T.Store(a1, a + at + T.Count);
                T.Store(b0, b + at);
                T.Store(b1, b + at + T.Count);
                T.Store(c0, c + at);
                T.Store(c1, c + at + T.Count);
                T.Store(d0, d + at);
                T.Store(d1, d + at + T.Count);
            }
            for (int i = first; i < end; i++) AddAlone<T>(i, at);
        }

        // So that column j of row i is Row(i)[j].
        private float* Row(int i) => triangle + StartOf(i, size) - i;

        private void AddAlone<T>(int i, int from) where T : unmanaged, ISimd<T>
        {
            float* row = Row(i);
            int j = from;
            for (; j <= size - T.Count; j += T.Count)
            {
                T sum = T.Load(row + j);
                for (int v = 0; v < count; v++) sum += T.Load(vectors + v * size + j) * T.Create(vectors[v * size + i]);
                T.Store(sum, row + j);
            }
            for (; j < size; j++) AddOne(i, j);
        }

        private void AddOne(int i, int j)
        {
            float* row = Row(i);
            float sum = row[j];
            for (int v = 0; v < count; v++) sum += vectors[v * size + j] * vectors[v * size + i];
            row[j] = sum;
        }
    }
}
