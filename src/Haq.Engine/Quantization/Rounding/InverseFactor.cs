namespace Haq.Engine.Quantization.Rounding;

/// <summary>
/// The upper triangular U with H⁻¹ = UᵀU, which spreads a rounding error over the values not rounded yet (Frantar et al., GPTQ, eq. 3 and scale 3 of section 3.3).
/// With H = RRᵀ, R upper triangular, U is R⁻¹: neither H⁻¹ nor a second factorization is needed.
/// </summary>
internal static class InverseFactor
{
    private const int ParallelSize = 128, ColumnsTogether = 64;

    /// <summary>U of the symmetric positive definite <paramref name="matrix"/>, row by row; null where it is not positive definite.</summary>
    public static double[]? Of(ReadOnlySpan<double> matrix, int size)
    {
        double[] factor = matrix.ToArray();
        return Factor(factor, size) ? Invert(factor, size) : null;
    }

    /// <summary>Replaces the upper triangle of H by R, H = RRᵀ, from the last column to the first.</summary>
    private static bool Factor(double[] a, int n)
    {
        for (int j = n - 1; j >= 0; j--)
        {
            double pivot = a[j * n + j] - Vectors.Dot(Rest(j, j), Rest(j, j));
            if (!(pivot > 0)) return false;
            double root = Math.Sqrt(pivot);
            a[j * n + j] = root;
            int column = j, groups = (j + Vectors.Four - 1) / Vectors.Four;
            if ((long)j * (n - j) > ParallelSize * ParallelSize) Parallel.For(0, groups, Rows);
            else for (int g = 0; g < groups; g++) Rows(g);

            void Rows(int group)
            {
                int i = Vectors.Four * group, end = Math.Min(i + Vectors.Four, column);
                if (end - i == Vectors.Four)
                {
                    var (p, q, r, s) = Vectors.Dots(Rest(column, column), Rest(i, column), Rest(i + 1, column), Rest(i + 2, column), Rest(i + 3, column));
                    Put(i, p);
                    Put(i + 1, q);
                    Put(i + 2, r);
                    Put(i + 3, s);
                    return;
                }
                for (; i < end; i++) Put(i, Vectors.Dot(Rest(i, column), Rest(column, column)));
            }

            void Put(int row, double product) => a[row * n + column] = (a[row * n + column] - product) / root;
        }
        return true;

        ReadOnlySpan<double> Rest(int row, int column) => a.AsSpan(row * n + column + 1, n - 1 - column);
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
            int k = i + 1;
            // Below its diagonal a row is zero: four rows may begin where the first does.
            for (; k <= to - Vectors.Four; k += Vectors.Four)
            {
                int start = Math.Max(k, from);
                Vectors.SubtractFour(u.AsSpan(i * n + start, to - start), u.AsSpan(k * n + start), n, r.AsSpan(i * n + k, Vectors.Four));
            }
            for (; k < to; k++) Vectors.AddScaled(u.AsSpan(i * n + Math.Max(k, from), to - Math.Max(k, from)), u.AsSpan(k * n + Math.Max(k, from), to - Math.Max(k, from)), -r[i * n + k]);
            double scale = 1 / r[i * n + i];
            for (int j = Math.Max(i + 1, from); j < to; j++) u[i * n + j] *= scale;
            if (i >= from) u[i * n + i] = scale;
        }
    }
}
