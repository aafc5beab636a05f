using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Haq.Engine.Search.Ddpg;

/// <summary>
/// Small dense products for the agent's networks. Rows come in multiples of <see cref="RowStep"/> and columns in multiples of <see cref="ColumnStep"/>
/// (callers pad with zeros), so that the kernels have no tails. Every element is one chain of multiply-adds in a fixed order.
/// </summary>
internal static class MatrixProduct
{
    /// <summary>Rows are padded to a multiple of this.</summary>
    public const int RowStep = 8;

    /// <summary>Columns are padded to a multiple of this.</summary>
    public const int ColumnStep = 32;

    /// <summary>The next multiple of <see cref="RowStep"/>.</summary>
    public static int PaddedRows(int rows) => (rows + RowStep - 1) / RowStep * RowStep;

    /// <summary>The next multiple of <see cref="ColumnStep"/>.</summary>
    public static int PaddedColumns(int columns) => (columns + ColumnStep - 1) / ColumnStep * ColumnStep;

    /// <summary>C[rows, columns] = A·B with A[i, k] at <c>i·rowStride + k·columnStride</c>, B and C row-major with <paramref name="columns"/> per row.</summary>
    public static void Run(ReadOnlySpan<float> a, int rowStride, int columnStride, ReadOnlySpan<float> b, Span<float> c, int rows, int columns, int depth) =>
        Run(a, rowStride, columnStride, panelStride: 0, panels: 1, b, c, rows, columns, depth);

    /// <summary>The same with an A in panels side by side: A[i, p·depth + k] at <c>p·panelStride + i·rowStride + k·columnStride</c>; B has <c>panels·depth</c> rows.</summary>
    public static void Run(
        ReadOnlySpan<float> a, int rowStride, int columnStride, int panelStride, int panels, ReadOnlySpan<float> b, Span<float> c, int rows, int columns, int depth)
    {
        if (rows % RowStep != 0 || columns % ColumnStep != 0) throw new ArgumentException("unpadded matrix", nameof(rows));
        int last = (panels - 1) * panelStride + (rows - 1) * rowStride + (depth - 1) * columnStride;
        if (c.Length < rows * columns || b.Length < panels * depth * columns || a.Length <= last) throw new ArgumentException("a matrix is shorter than its shape", nameof(c));
        var left = new LeftFactor(rowStride, columnStride, panelStride, panels, depth);
        ref float aStart = ref MemoryMarshal.GetReference(a);
        ref float bStart = ref MemoryMarshal.GetReference(b);
        ref float cStart = ref MemoryMarshal.GetReference(c);
        if (Vector512.IsHardwareAccelerated)
        {
            for (int j = 0; j < columns; j += 32)
                for (int i = 0; i < rows; i += 8) Tile512(ref Unsafe.Add(ref aStart, i * rowStride), left, ref Unsafe.Add(ref bStart, j), ref Unsafe.Add(ref cStart, i * columns + j), columns);
        }
        else
        {
            for (int j = 0; j < columns; j += 16)
                for (int i = 0; i < rows; i += 4) Tile256(ref Unsafe.Add(ref aStart, i * rowStride), left, ref Unsafe.Add(ref bStart, j), ref Unsafe.Add(ref cStart, i * columns + j), columns);
        }
    }

    /// <summary>y[rows] = A·x with A row-major: the bits of a column of <see cref="Run(ReadOnlySpan{float}, int, int, ReadOnlySpan{float}, Span{float}, int, int, int)"/>.</summary>
    public static void Column(ReadOnlySpan<float> a, int rowStride, ReadOnlySpan<float> x, Span<float> y)
    {
        if (y.Length % RowStep != 0 || a.Length < (y.Length - 1) * rowStride + x.Length) throw new ArgumentException("a matrix is shorter than its shape, or unpadded", nameof(a));
        for (int i = 0; i < y.Length; i += RowStep)
        {
            ref float row = ref Unsafe.Add(ref MemoryMarshal.GetReference(a), (nint)i * rowStride);
            float s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
            for (int k = 0; k < x.Length; k++)
            {
                float factor = x[k];
                ref float at = ref Unsafe.Add(ref row, k);
                s0 = float.MultiplyAddEstimate(at, factor, s0);
                s1 = float.MultiplyAddEstimate(Unsafe.Add(ref at, rowStride), factor, s1);
                s2 = float.MultiplyAddEstimate(Unsafe.Add(ref at, 2 * rowStride), factor, s2);
                s3 = float.MultiplyAddEstimate(Unsafe.Add(ref at, 3 * rowStride), factor, s3);
                s4 = float.MultiplyAddEstimate(Unsafe.Add(ref at, 4 * rowStride), factor, s4);
                s5 = float.MultiplyAddEstimate(Unsafe.Add(ref at, 5 * rowStride), factor, s5);
                s6 = float.MultiplyAddEstimate(Unsafe.Add(ref at, 6 * rowStride), factor, s6);
                s7 = float.MultiplyAddEstimate(Unsafe.Add(ref at, 7 * rowStride), factor, s7);
            }
            (y[i], y[i + 1], y[i + 2], y[i + 3], y[i + 4], y[i + 5], y[i + 6], y[i + 7]) = (s0, s1, s2, s3, s4, s5, s6, s7);
        }
    }

    // How A lies.
    private readonly record struct LeftFactor(nint RowStride, nint ColumnStride, nint PanelStride, int Panels, nint Depth);

    // 8 rows x 2 vectors of 16: 16 sums, 2 loads and 8 broadcasts per step.
    private static void Tile512(ref float a, LeftFactor left, ref float b, ref float c, int width)
    {
        nint rowStride = left.RowStride, columnStride = left.ColumnStride, depth = left.Depth;
        Vector512<float> s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default, s30 = default, s31 = default;
        Vector512<float> s40 = default, s41 = default, s50 = default, s51 = default, s60 = default, s61 = default, s70 = default, s71 = default;
        for (int panel = 0; panel < left.Panels; panel++)
        {
            ref float panelA = ref Unsafe.Add(ref a, panel * left.PanelStride);
            ref float panelB = ref Unsafe.Add(ref b, panel * depth * width);
            for (nint k = 0; k < depth; k++)
            {
                var b0 = Vector512.LoadUnsafe(ref panelB, (nuint)(k * width));
                var b1 = Vector512.LoadUnsafe(ref panelB, (nuint)(k * width + 16));
                ref float column = ref Unsafe.Add(ref panelA, k * columnStride);
                var x = Vector512.Create(column);
                s00 = Vector512.MultiplyAddEstimate(x, b0, s00);
                s01 = Vector512.MultiplyAddEstimate(x, b1, s01);
                x = Vector512.Create(Unsafe.Add(ref column, rowStride));
                s10 = Vector512.MultiplyAddEstimate(x, b0, s10);
                s11 = Vector512.MultiplyAddEstimate(x, b1, s11);
                x = Vector512.Create(Unsafe.Add(ref column, 2 * rowStride));
                s20 = Vector512.MultiplyAddEstimate(x, b0, s20);
                s21 = Vector512.MultiplyAddEstimate(x, b1, s21);
                x = Vector512.Create(Unsafe.Add(ref column, 3 * rowStride));
                s30 = Vector512.MultiplyAddEstimate(x, b0, s30);
                s31 = Vector512.MultiplyAddEstimate(x, b1, s31);
                x = Vector512.Create(Unsafe.Add(ref column, 4 * rowStride));
                s40 = Vector512.MultiplyAddEstimate(x, b0, s40);
                s41 = Vector512.MultiplyAddEstimate(x, b1, s41);
                x = Vector512.Create(Unsafe.Add(ref column, 5 * rowStride));
                s50 = Vector512.MultiplyAddEstimate(x, b0, s50);
                s51 = Vector512.MultiplyAddEstimate(x, b1, s51);
                x = Vector512.Create(Unsafe.Add(ref column, 6 * rowStride));
                s60 = Vector512.MultiplyAddEstimate(x, b0, s60);
                s61 = Vector512.MultiplyAddEstimate(x, b1, s61);
                x = Vector512.Create(Unsafe.Add(ref column, 7 * rowStride));
                s70 = Vector512.MultiplyAddEstimate(x, b0, s70);
                s71 = Vector512.MultiplyAddEstimate(x, b1, s71);
            }
        }
        Store(ref c, 0, s00, s01, width);
        Store(ref c, 1, s10, s11, width);
        Store(ref c, 2, s20, s21, width);
        Store(ref c, 3, s30, s31, width);
        Store(ref c, 4, s40, s41, width);
        Store(ref c, 5, s50, s51, width);
        Store(ref c, 6, s60, s61, width);
        Store(ref c, 7, s70, s71, width);
    }

    private static void Store(ref float c, int row, Vector512<float> left, Vector512<float> right, int width)
    {
        left.StoreUnsafe(ref c, (nuint)(row * width));
        right.StoreUnsafe(ref c, (nuint)(row * width + 16));
    }

    // 4 rows x 2 vectors of 8, which fits 16 registers.
    private static void Tile256(ref float a, LeftFactor left, ref float b, ref float c, int width)
    {
        nint rowStride = left.RowStride, columnStride = left.ColumnStride, depth = left.Depth;
        Vector256<float> s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default, s30 = default, s31 = default;
        for (int panel = 0; panel < left.Panels; panel++)
        {
            ref float panelA = ref Unsafe.Add(ref a, panel * left.PanelStride);
            ref float panelB = ref Unsafe.Add(ref b, panel * depth * width);
            for (nint k = 0; k < depth; k++)
            {
                var b0 = Vector256.LoadUnsafe(ref panelB, (nuint)(k * width));
                var b1 = Vector256.LoadUnsafe(ref panelB, (nuint)(k * width + 8));
                ref float column = ref Unsafe.Add(ref panelA, k * columnStride);
                var x = Vector256.Create(column);
                s00 = Vector256.MultiplyAddEstimate(x, b0, s00);
                s01 = Vector256.MultiplyAddEstimate(x, b1, s01);
                x = Vector256.Create(Unsafe.Add(ref column, rowStride));
                s10 = Vector256.MultiplyAddEstimate(x, b0, s10);
                s11 = Vector256.MultiplyAddEstimate(x, b1, s11);
                x = Vector256.Create(Unsafe.Add(ref column, 2 * rowStride));
                s20 = Vector256.MultiplyAddEstimate(x, b0, s20);
                s21 = Vector256.MultiplyAddEstimate(x, b1, s21);
                x = Vector256.Create(Unsafe.Add(ref column, 3 * rowStride));
                s30 = Vector256.MultiplyAddEstimate(x, b0, s30);
                s31 = Vector256.MultiplyAddEstimate(x, b1, s31);
            }
        }
        Store(ref c, 0, s00, s01, width);
        Store(ref c, 1, s10, s11, width);
        Store(ref c, 2, s20, s21, width);
        Store(ref c, 3, s30, s31, width);
    }

    private static void Store(ref float c, int row, Vector256<float> left, Vector256<float> right, int width)
    {
        left.StoreUnsafe(ref c, (nuint)(row * width));
        right.StoreUnsafe(ref c, (nuint)(row * width + 8));
    }
}
