namespace Haq.Engine.Quantization.Rounding;

/// <summary>
/// The upper triangular U with H⁻¹ = UᵀU, which spreads a rounding error over the values not rounded yet (Frantar et al., GPTQ, eq. 3 and scale 3 of section 3.3).
/// With H = RRᵀ, R upper triangular, U is R⁻¹: neither H⁻¹ nor a second factorization is needed.
/// </summary>
internal static class InverseFactor
{
    private const int ParallelSize = 128, FactorTogether = 32, ColumnsTogether = 64;

    /// <summary>U of the symmetric positive definite <paramref name="matrix"/>, row by row; null where it is not positive definite.</summary>
    public static double[]? Of(ReadOnlySpan<double> matrix, int size)
    {
        double[] factor = matrix.ToArray();
        return Factor(factor, size) ? Invert(factor, size) : null;
    }

    /// <summary>
    /// Replaces the upper triangle of H by R, H = RRᵀ, from the last column to the first. A few columns are taken together: once the rows that they end in are known, every other row is
    /// finished for all of these columns while it is at hand.
    /// </summary>
    private static bool Factor(double[] a, int n)
    {
        for (int to = n; to > 0; to -= FactorTogether)
        {
            int from = Math.Max(0, to - FactorTogether), end = to;
            for (int j = to - 1; j >= from; j--)
            {
                double pivot = a[j * n + j] - Vectors.Dot(Rest(j, j), Rest(j, j));
                if (!(pivot > 0)) return false;
                a[j * n + j] = Math.Sqrt(pivot);
                for (int i = from; i < j; i++) Put(i, j, Vectors.Dot(Rest(i, j), Rest(j, j)));
            }
            int groups = (from + Vectors.Four - 1) / Vectors.Four;
            if ((long)from * (n - from) > ParallelSize * ParallelSize) Parallel.For(0, groups, Rows);
            else for (int g = 0; g < groups; g++) Rows(g);

            void Rows(int group)
            {
                int i = Vectors.Four * group;
                for (int j = end - 1; j >= from; j--)
                {
                    if (from - i >= Vectors.Four)
                    {
                        var (p, q, r, s) = Vectors.Dots(Rest(j, j), Rest(i, j), Rest(i + 1, j), Rest(i + 2, j), Rest(i + 3, j));
                        Put(i, j, p);
                        Put(i + 1, j, q);
                        Put(i + 2, j, r);
                        Put(i + 3, j, s);
                    }
                    else
                    {
                        for (int row = i; row < from; row++) Put(row, j, Vectors.Dot(Rest(row, j), Rest(j, j)));
                    }
                }
            }
        }
        return true;

        ReadOnlySpan<double> Rest(int row, int column) => a.AsSpan(row * n + column + 1, n - 1 - column);

        void Put(int row, int column, double product) => a[row * n + column] = (a[row * n + column] - product) / a[column * n + column];
    }

    /// <summary>R⁻¹, upper triangular: row i is e_i less the rows below it, in proportion to R's. A few columns at a time, which no other column needs.</summary>
    private static double[] Invert(double[] r, int n)
    {
        double[] u = new double[n * n];
        int parts = (n + ColumnsTogether - 1) / ColumnsTogether;
        Parallel.For(0, parts, part => InvertColumns(r, n, u, part * ColumnsTogether, Math.Min(n, (part + 1) * ColumnsTogether)));
        return u;
    }

    private static void InvertColumns(double[] r, int n, double[] u, int from, int to)
    {
        for (int i = to - 1; i >= 0; i--)
        {
            // Below its diagonal a row is zero: all may begin where the first does.
            if (i + 1 < to) RowSums.Add(u.AsSpan(i * n + from, to - from), u.AsSpan((i + 1) * n + from), n, r.AsSpan(i * n + i + 1, to - i - 1), -1);
            double scale = 1 / r[i * n + i];
            for (int j = Math.Max(i + 1, from); j < to; j++) u[i * n + j] *= scale;
            if (i >= from) u[i * n + i] = scale;
        }
    }
}
