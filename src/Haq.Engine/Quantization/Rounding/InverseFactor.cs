namespace Haq.Engine.Quantization.Rounding;

/// <summary>
/// The upper triangular U with H⁻¹ = UᵀU, which spreads a rounding error over the values not rounded yet (Frantar et al., GPTQ, eq. 3 and scale 3 of section 3.3).
/// With H = RRᵀ, R upper triangular, U is R⁻¹: neither H⁻¹ nor a second factorization is needed.
/// </summary>
internal static class InverseFactor
{
    private const int ParallelSize = 128;

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
            double pivot = a[j * n + j] - Vectors.Dot(a.AsSpan(j * n + j + 1, n - 1 - j), a.AsSpan(j * n + j + 1, n - 1 - j));
            if (!(pivot > 0)) return false;
            double root = Math.Sqrt(pivot);
            a[j * n + j] = root;
            int column = j;
            void Row(int i) => a[i * n + column] = (a[i * n + column] - Vectors.Dot(a.AsSpan(i * n + column + 1, n - 1 - column), a.AsSpan(column * n + column + 1, n - 1 - column))) / root;
            if ((long)j * (n - j) > ParallelSize * ParallelSize) Parallel.For(0, j, Row);
            else for (int i = 0; i < j; i++) Row(i);
        }
        return true;
    }

    /// <summary>R⁻¹, upper triangular: row i is e_i less the rows below it, in proportion to R's.</summary>
    private static double[] Invert(double[] r, int n)
    {
        double[] u = new double[n * n];
        for (int i = n - 1; i >= 0; i--)
        {
            var row = u.AsSpan(i * n, n);
            for (int k = i + 1; k < n; k++)
                if (r[i * n + k] is var f && f != 0) Vectors.AddScaled(row[k..], u.AsSpan(k * n + k, n - k), -f);
            double scale = 1 / r[i * n + i];
            for (int j = i + 1; j < n; j++) row[j] *= scale;
            row[i] = scale;
        }
        return u;
    }
}
