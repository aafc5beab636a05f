using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Fitted;

/// <summary>The equations of the fit: a row a measured layer, in units of its time, for every array that is tried.</summary>
internal sealed class ParameterFit
{
    /// <summary>The column of bytes of weights.</summary>
    public const int WeightColumn = 0;

    private const double Negligible = 1e-6;

    // With more pairs of widths, some of them choose the array.
    private const int ChoosingPairs = 4;

    private readonly IReadOnlyList<FitRow> _rows;
    private readonly Dictionary<(int Rows, int Cols), double[][]> _equations = [];

    private readonly bool _isByPair;
    private readonly ParameterFit? _chooser;
    private readonly Dictionary<int, int> _chooserRow = [];

    /// <param name="rows">Measured layers.</param>
    /// <param name="batch">Images at a time.</param>
    /// <param name="sizes">Heights and widths of arrays to try.</param>
    /// <param name="isByPair">Each pair of widths has an overhead and a rate of activations of its own; otherwise they share them.</param>
    public ParameterFit(IReadOnlyList<FitRow> rows, int batch, IReadOnlyList<int> sizes, bool isByPair)
    {
        (_rows, _isByPair) = (rows, isByPair);
        Pairs = [.. rows.Select(r => r.Bits.ToString()).Distinct().Order(StringComparer.Ordinal)];
        HasDepthwise = rows.Any(r => r.Shape.IsDepthwise);
        if (Pairs.Length > ChoosingPairs && sizes.Count > 1)
        {
            // Evenly from the least product of widths to the greatest.
            LayerBits[] byWidth = [.. rows.Select(r => r.Bits).Distinct().OrderBy(b => b.Weights * b.Activations).ThenBy(b => b.Weights.Bits)];
            var chosen = Enumerable.Range(0, ChoosingPairs).Select(i => byWidth[i * (byWidth.Length - 1) / (ChoosingPairs - 1)]).ToHashSet();
            int[] which = [.. Enumerable.Range(0, rows.Count).Where(i => chosen.Contains(rows[i].Bits))];
            for (int i = 0; i < which.Length; i++) _chooserRow[which[i]] = i;
            _chooser = new ParameterFit([.. which.Select(i => rows[i])], batch, sizes, isByPair);
        }
        foreach (int height in sizes)
            foreach (int width in sizes) _equations[(height, width)] = [.. rows.Select(r => Equation(r, batch, height, width))];
    }

    /// <summary>The pairs of widths that were measured.</summary>
    public ImmutableArray<string> Pairs { get; }

    /// <summary>Depthwise layers were measured: they have rates of their own.</summary>
    public bool HasDepthwise { get; }

    /// <summary>The column of the overhead of a pair's layers.</summary>
    public int OverheadColumn(string pair) => 1 + Of(pair);

    /// <summary>The column of a pair's bytes of activations.</summary>
    public int ActivationColumn(string pair) => 1 + Own + Of(pair);

    /// <summary>The column of a pair's multiply-accumulates.</summary>
    public int DenseColumn(string pair) => 1 + 2 * Own + Pairs.IndexOf(pair);

    /// <summary>The column of a pair's depthwise multiply-accumulates.</summary>
    public int DepthwiseColumn(string pair) => DenseColumn(pair) + Pairs.Length;

    // Columns of what pairs have of their own or share.
    private int Own => _isByPair ? Pairs.Length : 1;

    private int Of(string pair) => _isByPair ? Pairs.IndexOf(pair) : 0;

    /// <summary>The array and coefficients of least squared relative error over some rows; of equals the smaller array.</summary>
    public ((int Rows, int Cols) Array, double[] Coefficients) Best(int[] which)
    {
        double[] ones = new double[which.Length];
        Array.Fill(ones, 1);
        ((int Rows, int Cols) Array, double[] Coefficients) best = ((1, 1), []);
        double least = double.PositiveInfinity;
        int[] choosing = [.. which.Where(_chooserRow.ContainsKey).Select(i => _chooserRow[i])];
        (int Rows, int Cols)? only = _chooser is not null && choosing.Length > 0 ? _chooser.Best(choosing).Array : null;
        foreach (var (array, equations) in _equations)
        {
            if (only is { } a && a != array) continue;
            double[][] chosen = [.. which.Select(i => equations[i])];
            double[] x = LeastSquares.NonNegative(chosen, ones);
            double error = chosen.Sum(r => Math.Pow(Product(r, x) - 1, 2));
            if (error >= least * (1 - 1e-9)) continue;
            (best, least) = ((array, x), error);
        }
        return (best.Array, Cleaned(best.Coefficients, [.. which.Select(i => _equations[best.Array][i])]));
    }

    // What explains nothing of any time is rounding, and no rate.
    private static double[] Cleaned(double[] x, double[][] equations) => [.. x.Select((value, j) => equations.Max(row => row[j]) * value < Negligible ? 0 : value)];

    /// <summary>What a row takes by some coefficients.</summary>
    public double Predict(int row, (int Rows, int Cols) array, double[] coefficients) => Product(_equations[array][row], coefficients) * _rows[row].Seconds;

    private static double Product(double[] row, double[] x)
    {
        double sum = 0;
        for (int j = 0; j < x.Length; j++) sum += row[j] * x[j];
        return sum;
    }

    private double[] Equation(in FitRow row, int batch, int height, int width)
    {
        var work = LayerWork.Of(row.Shape, row.Bits, batch, height, width);
        string pair = row.Bits.ToString();
        double[] equation = new double[1 + 2 * Own + Pairs.Length * (HasDepthwise ? 2 : 1)];
        (equation[OverheadColumn(pair)], equation[WeightColumn], equation[ActivationColumn(pair)]) = (1 / row.Seconds, work.WeightBytes / row.Seconds, work.ActivationBytes / row.Seconds);
        equation[DenseColumn(pair)] = work.Dense / row.Seconds;
        if (HasDepthwise) equation[DepthwiseColumn(pair)] = work.Depthwise / row.Seconds;
        return equation;
    }
}
