namespace Haq.Engine.Hardware.Fitted;

/// <summary>Least squares in which no coefficient is below zero (Lawson and Hanson, Solving Least Squares Problems, 1974, chapter 23).</summary>
internal static class LeastSquares
{
    private const double Tolerance = 1e-10;
    private const int PassesPerColumn = 20;

    /// <summary>The x ≥ 0 of least |A x − b|², from the normal equations.</summary>
    /// <param name="rows">The rows of A; all of one length.</param>
    /// <param name="targets">b.</param>
    public static double[] NonNegative(IReadOnlyList<double[]> rows, IReadOnlyList<double> targets)
    {
        int n = rows[0].Length;
        double[] scale = new double[n];
        foreach (double[] row in rows)
            for (int j = 0; j < n; j++) scale[j] += row[j] * row[j];
        for (int j = 0; j < n; j++) scale[j] = scale[j] > 0 ? Math.Sqrt(scale[j]) : 1;
        double[,] normal = new double[n, n];
        double[] right = new double[n];
        // A row has a handful of columns that are not 0.
        int[] set = new int[n];
        for (int i = 0; i < rows.Count; i++)
        {
            double[] row = rows[i];
            int count = 0;
            for (int j = 0; j < n; j++)
                if (row[j] != 0) set[count++] = j;
            foreach (int j in set.AsSpan(0, count))
            {
                double value = row[j] / scale[j];
                right[j] += value * targets[i];
                foreach (int k in set.AsSpan(0, count)) normal[j, k] += value * (row[k] / scale[k]);
            }
        }
        double[] x = Active(normal, right);
        for (int j = 0; j < n; j++) x[j] /= scale[j];
        return x;
    }

    private static double[] Active(double[,] normal, double[] right)
    {
        int n = right.Length;
        double[] x = new double[n];
        bool[] free = Start(normal, right, x);
        for (int pass = 0; pass < n * PassesPerColumn; pass++)
        {
            int best = -1;
            double most = Tolerance * (1 + right.Max(Math.Abs));
            for (int j = 0; j < n; j++)
            {
                if (free[j]) continue;
                double gradient = right[j];
                for (int k = 0; k < n; k++) gradient -= normal[j, k] * x[k];
                if (gradient > most) (best, most) = (j, gradient);
            }
            if (best < 0) return x;
            free[best] = true;
            Inner(normal, right, x, free);
        }
        return x;
    }

    // Most columns are needed: begins with all, without those that come out below zero, until none does.
    private static bool[] Start(double[,] normal, double[] right, double[] x)
    {
        bool[] free = new bool[right.Length];
        Array.Fill(free, true);
        while (free.Contains(true))
        {
            double[] solved = Solve(normal, right, free);
            bool isFeasible = true;
            for (int j = 0; j < free.Length; j++)
            {
                if (!free[j] || solved[j] > 0) continue;
                (free[j], isFeasible) = (false, false);
            }
            if (!isFeasible) continue;
            solved.CopyTo(x, 0);
            break;
        }
        return free;
    }

    // Steps towards the free columns' solution, and fixes at zero what would fall below it.
    private static void Inner(double[,] normal, double[] right, double[] x, bool[] free)
    {
        while (free.Contains(true))
        {
            double[] solved = Solve(normal, right, free);
            double share = 1;
            for (int j = 0; j < x.Length; j++)
                if (free[j] && solved[j] <= 0) share = Math.Min(share, x[j] / Math.Max(x[j] - solved[j], double.Epsilon));
            for (int j = 0; j < x.Length; j++)
                if (free[j]) x[j] += share * (solved[j] - x[j]);
            if (share >= 1) return;
            for (int j = 0; j < x.Length; j++)
            {
                if (!free[j] || (x[j] > Tolerance && solved[j] > 0) || x[j] > Tolerance) continue;
                (free[j], x[j]) = (false, 0);
            }
        }
    }

    // Gaussian elimination with pivots; a column that the others already explain gets nothing.
    private static double[] Solve(double[,] normal, double[] right, bool[] free)
    {
        int[] at = [.. Enumerable.Range(0, right.Length).Where(j => free[j])];
        int n = at.Length;
        double[,] a = new double[n, n + 1];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++) a[i, j] = normal[at[i], at[j]];
            a[i, n] = right[at[i]];
        }
        double[] x = new double[right.Length];
        int[] pivotOf = new int[n];
        Array.Fill(pivotOf, -1);
        bool[] used = new bool[n];
        for (int column = 0; column < n; column++)
        {
            int pivot = -1;
            for (int i = 0; i < n; i++)
                if (!used[i] && Math.Abs(a[i, column]) > Tolerance && (pivot < 0 || Math.Abs(a[i, column]) > Math.Abs(a[pivot, column]))) pivot = i;
            if (pivot < 0) continue;
            (used[pivot], pivotOf[column]) = (true, pivot);
            for (int i = 0; i < n; i++)
            {
                if (i == pivot) continue;
                double factor = a[i, column] / a[pivot, column];
                for (int j = column; j <= n; j++) a[i, j] -= factor * a[pivot, j];
            }
        }
        for (int column = 0; column < n; column++)
            if (pivotOf[column] >= 0) x[at[column]] = a[pivotOf[column], n] / a[pivotOf[column], column];
        return x;
    }
}
