using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Fitted;

/// <summary>
/// Fits the parameters of <c>kind: fitted</c> to measured layers, with an overhead and a rate of bytes for all pairs of widths or for each, whichever predicts unseen layers better. For every
/// height and width of the array, the rest is linear in the times: overhead, multiply-accumulates of each pair of widths,
/// bytes of weights and of activations; relative errors are squared, and no coefficient is below zero. The array of the least error wins. Layers that are left out of the fit say how far it can
/// be trusted.
/// </summary>
public sealed class FittedTarget
{
    private const int MostFolds = 10, LeastShapes = 4, MostOwnPairs = 8;

    // Of the root mean square of logarithms: below that, more parameters are not worth it.
    private const double LeastGain = 1e-3;

    // The fastest pair has all of the array; what no layer was measured of runs as slowly as anything.
    private const double SlowestShare = 1e-9, FastestShare = 1e3;

    // Seconds of a number that changes its width, and of a multiply-accumulate, where the times do not show any.
    private const double FastestConvert = 1e-15, FastestMac = 1e-16;

    /// <summary>Heights and widths of arrays that are tried.</summary>
    internal static ImmutableArray<int> Sizes { get; } = [1, 4, 8, 16, 32, 64, 128];

    private FittedTarget(FittedParameters parameters) => Parameters = parameters;

    /// <summary>What was found.</summary>
    internal FittedParameters Parameters { get; }

    /// <summary>Number of measured layers and widths.</summary>
    public required int Rows { get; init; }

    /// <summary>Number of distinct shapes.</summary>
    public required int Shapes { get; init; }

    /// <summary>Images at a time.</summary>
    public required int Batch { get; init; }

    /// <summary>Relative errors of the layers, each by a fit that had not seen its shape, predicted over measured less 1; in the order of the rows.</summary>
    public required ImmutableArray<double> HeldOut { get; init; }

    /// <summary>The median of the absolute errors on layers that the fit had not seen.</summary>
    public double MedianError => Numerics.ErrorSummary.Quantile(HeldOut.Select(Math.Abs), 0.5);

    /// <summary>Nine of ten such errors are below this.</summary>
    public double WideError => Numerics.ErrorSummary.Quantile(HeldOut.Select(Math.Abs), 0.9);

    /// <summary>The median of the absolute errors of one time for all layers.</summary>
    public required double ConstantError { get; init; }

    /// <summary>Spearman's rank correlation of times predicted for layers that the fit had not seen and measured ones.</summary>
    public required double RankCorrelation { get; init; }

    /// <summary>Fits layers.</summary>
    /// <param name="rows">Measured layers.</param>
    /// <param name="converts">Measured changes of width; may be empty.</param>
    /// <param name="batch">Images at a time.</param>
    /// <param name="runSeconds">What every run takes, where that is known and not part of the layers.</param>
    /// <param name="source">The file that the times came from, for errors.</param>
    /// <param name="fillsArray">Look for an array that is filled up in whole rows and columns; otherwise multiply-accumulates count as they are.</param>
    /// <exception cref="HaqException">There are too few layers, or the fit explains them no better than a constant (HAQ0237).</exception>
    public static FittedTarget Fit(IReadOnlyList<FitRow> rows, IReadOnlyList<FitConvert> converts, int batch, double runSeconds, string source, bool fillsArray = true)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(converts);
        var shapes = rows.Select(r => r.Shape).Distinct().ToArray();
        if (shapes.Length < LeastShapes)
        {
            throw DiagnosticCatalog.FitRefused.Error(source,
                $"{shapes.Length} different layers are too few to fit a model to and to see what it is worth: expected {LeastShapes} at least. Measure a larger network, "
                + "or use the table itself.");
        }
        var fold = shapes.Select((s, i) => (s, i)).ToDictionary(p => p.s, p => p.i % Math.Min(MostFolds, shapes.Length));
        double[] constant = new double[rows.Count];
        foreach (int left in fold.Values.Distinct())
        {
            double same = Math.Exp(rows.Where(r => fold[r.Shape] != left).Average(r => Math.Log(r.Seconds)));
            for (int i = 0; i < constant.Length; i++)
                if (fold[rows[i].Shape] == left) constant[i] = same;
        }
        // What pairs of widths share costs fewer parameters; whether they do, unseen layers tell.
        var fit = new ParameterFit(rows, batch, fillsArray ? Sizes : Sizes[..1], isByPair: false);
        double[] predicted = Unseen(fit, rows, fold);
        if (fit.Pairs.Length is > 1 and <= MostOwnPairs)
        {
            var byPair = new ParameterFit(rows, batch, fillsArray ? Sizes : Sizes[..1], isByPair: true);
            double[] other = Unseen(byPair, rows, fold);
            if (LogError(predicted) - LogError(other) > LeastGain) (fit, predicted) = (byPair, other);
        }

        double[] errors = [.. predicted.Select((p, i) => p / rows[i].Seconds - 1)], flat = [.. constant.Select((p, i) => p / rows[i].Seconds - 1)];
        double fitted = LogError(predicted), trivial = LogError(constant);
        if (fitted >= trivial)
        {
            throw DiagnosticCatalog.FitRefused.Error(source, string.Create(CultureInfo.InvariantCulture,
                $"on layers that it had not seen a fitted model is off by a factor of {Math.Exp(fitted):0.00}, and one time for all layers by {Math.Exp(trivial):0.00} (root mean squares of logarithms): ")
                + "it explains nothing. Look for times that are wrong or in other units, measure more layers of different sizes, or use the table itself (kind: table).");
        }
        var all = fit.Best([.. Enumerable.Range(0, rows.Count)]);
        var (convertOverhead, perConvert) = Converts(converts);
        return new FittedTarget(ParametersOf(all, fit, convertOverhead, perConvert, runSeconds))
        {
            Rows = rows.Count, Shapes = shapes.Length, Batch = batch, HeldOut = [.. errors], ConstantError = Numerics.ErrorSummary.Quantile(flat.Select(Math.Abs), 0.5),
            RankCorrelation = Numerics.RankCorrelation.Spearman(predicted, [.. rows.Select(r => r.Seconds)]),
        };

        double LogError(double[] times) => Math.Sqrt(times.Select((p, i) => Math.Pow(Math.Log(Math.Max(p, 1e-15) / rows[i].Seconds), 2)).Average());
    }

    // Each layer by a fit that has not seen its shape.
    private static double[] Unseen(ParameterFit fit, IReadOnlyList<FitRow> rows, Dictionary<LayerShape, int> fold)
    {
        double[] predicted = new double[rows.Count];
        foreach (int left in fold.Values.Distinct())
        {
            var (array, coefficients) = fit.Best([.. Enumerable.Range(0, rows.Count).Where(i => fold[rows[i].Shape] != left)]);
            for (int i = 0; i < predicted.Length; i++)
                if (fold[rows[i].Shape] == left) predicted[i] = fit.Predict(i, array, coefficients);
        }
        return predicted;
    }

    private static FittedParameters ParametersOf((int Rows, int Cols) array, double[] c, ParameterFit fit, double convertOverhead, double? perConvert, double runSeconds)
    {
        double cells = (double)array.Rows * array.Cols;
        var columns = fit.Pairs.Select(fit.DenseColumn).Concat(fit.HasDepthwise ? fit.Pairs.Select(fit.DepthwiseColumn) : []);
        double fastest = fit.Pairs.Select(p => c[fit.DenseColumn(p)]).Where(s => s > 0).DefaultIfEmpty(columns.Select(j => c[j]).Where(s => s > 0).DefaultIfEmpty(FastestMac).Min()).Min();
        var rates = fit.Pairs.ToImmutableSortedDictionary(p => p, p => Share(fastest, c[fit.DenseColumn(p)]), StringComparer.Ordinal);
        var depthwise = fit.Pairs.ToImmutableSortedDictionary(p => p, p => fit.HasDepthwise ? Share(fastest, c[fit.DepthwiseColumn(p)]) : rates[p], StringComparer.Ordinal);
        double perByte = fit.Pairs.Select(p => c[fit.ActivationColumn(p)]).Where(s => s > 0).DefaultIfEmpty(0).Min();
        var bytes = fit.Pairs.ToImmutableSortedDictionary(p => p, p => perByte > 0 ? Share(perByte, c[fit.ActivationColumn(p)]) : 1, StringComparer.Ordinal);
        var overheads = fit.Pairs.ToImmutableSortedDictionary(p => p, p => c[fit.OverheadColumn(p)], StringComparer.Ordinal);
        return new FittedParameters(
            array.Rows, array.Cols, 1 / (fastest * cells), rates, depthwise, PerSecond(perByte), bytes, PerSecond(c[ParameterFit.WeightColumn]), overheads, runSeconds, convertOverhead,
                PerSecond(perConvert ?? 0));

        static double? PerSecond(double seconds) => seconds > 0 ? Math.Min(1 / seconds, FittedParameters.MostPerSecond) : null;

        // A pair whose multiply-accumulates cost nothing beside its bytes is as fast as anything.
        static double Share(double fastest, double own) => own > 0 ? Math.Max(SlowestShare, fastest / own) : FastestShare;
    }

    private static FittedParameters ParametersOf(((int Rows, int Cols) Array, double[] Coefficients) best, ParameterFit fit, double convertOverhead, double? perConvert, double runSeconds) =>
        ParametersOf(best.Array, best.Coefficients, fit, convertOverhead, perConvert, runSeconds);

    private static (double Overhead, double? PerElement) Converts(IReadOnlyList<FitConvert> converts)
    {
        if (converts.Count == 0) return (0, null);
        double[] x = LeastSquares.NonNegative([.. converts.Select(c => new[] { 1 / c.Seconds, c.Elements / c.Seconds })], [.. converts.Select(_ => 1.0)]);
        return (x[0], Math.Max(x[1], FastestConvert));
    }
}
