using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Haq.Engine.Quantization.Rounding;

/// <summary>
/// Vectors that are multiplied with the rows of a matrix, two side by side: four numbers of one, the same four of the other. Each product is the same number as
/// <see cref="Vectors.Dot"/> gives.
/// </summary>
internal sealed unsafe class PairedVectors
{
    private const int Four = 4, Together = 4;

    private readonly int _size;
    private readonly int _whole;
    private readonly double[] _values;
    private double[][] _vectors = [];

    /// <summary>Room for vectors.</summary>
    /// <param name="size">Numbers of each.</param>
    /// <param name="most">How many.</param>
    public PairedVectors(int size, int most)
    {
        (_size, _whole) = (size, size / Four * Four);
        _values = new double[(most + 1) / 2 * 2 * _whole];
    }

    /// <summary>Takes vectors as they are now, in place of those before.</summary>
    public void Put(double[][] vectors)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)(vectors.Length + 1) / 2 * 2 * _whole, _values.Length);
        _vectors = vectors;
        for (int v = 0; v < vectors.Length; v++)
        {
            var to = _values.AsSpan(v / 2 * 2 * _whole, 2 * _whole);
            var from = vectors[v].AsSpan(0, _whole);
            for (int k = 0; k < _whole; k += Four) from.Slice(k, Four).CopyTo(to[(2 * k + v % 2 * Four)..]);
        }
    }

    /// <summary>The products of every row of a matrix with every vector.</summary>
    /// <param name="matrix">Rows of as many numbers as a vector has.</param>
    /// <param name="results">Of each vector, a number for every row.</param>
    public void Multiply(ReadOnlySpan<double> matrix, double[][] results) => Multiply(matrix, results, Vector512.IsHardwareAccelerated);

    /// <summary>The same in registers of a width that a test chooses.</summary>
    internal void Multiply(ReadOnlySpan<double> matrix, double[][] results, bool wide)
    {
        Span<double> products = stackalloc double[2 * Together];
        for (int i = 0; i < matrix.Length / _size; i++)
        {
            var row = matrix.Slice(i * _size, _size);
            int pairs = (_vectors.Length + 1) / 2;
            for (int p = 0; p < pairs; p += Together)
            {
                int taken = Math.Min(Together, pairs - p);
                fixed (double* r = row, v = _values.AsSpan(p * 2 * _whole), to = products)
                {
                    if (wide) Products<WholeEight>(r, v, taken, to);
                    else Products<HalvedEight>(r, v, taken, to);
                }
                for (int c = 2 * p; c < Math.Min(2 * (p + taken), _vectors.Length); c++) results[c][i] = WithRest(products[c - 2 * p], row, _vectors[c]);
            }
        }
    }

    private double WithRest(double sum, ReadOnlySpan<double> row, double[] vector)
    {
        for (int k = _whole; k < _size; k++) sum += row[k] * vector[k];
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Products<T>(double* row, double* pairs, int count, double* products) where T : unmanaged, IEight<T>
    {
        nint whole = _whole, stride = 2 * whole;
        if (count == Together)
        {
            T a = T.Create(0), b = a, c = a, d = a;
            for (nint k = 0; k < whole; k += Four)
            {
                var shared = T.LoadTwice(row + k);
                double* at = pairs + 2 * k;
                a += shared * T.Load(at);
                b += shared * T.Load(at + stride);
                c += shared * T.Load(at + 2 * stride);
                d += shared * T.Load(at + 3 * stride);
            }
            Put(a, products);
            Put(b, products + 2);
            Put(c, products + 4);
            Put(d, products + 6);
            return;
        }
        for (int p = 0; p < count; p++)
        {
            T sum = T.Create(0);
            double* at = pairs + p * stride;
            for (nint k = 0; k < whole; k += Four) sum += T.LoadTwice(row + k) * T.Load(at + 2 * k);
            Put(sum, products + 2 * p);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T>(T sums, double* products) where T : unmanaged, IEight<T> =>
        (products[0], products[1]) = (Vector256.Sum(T.First(sums)), Vector256.Sum(T.Last(sums)));
}
