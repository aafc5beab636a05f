using Haq.Engine.Data;
using Haq.Engine.Layers;

namespace Haq.Engine.Quantization.Calibration;

/// <summary>
/// Chooses for every tensor and width the way to find a range that changes the outputs of the layers reading it least, measured on samples. The squared error of the tensor itself would always
/// choose <see cref="RangeMethod.Mse"/>; but errors of rounding average out in a layer's sums and those of clipping do not.
/// </summary>
public static class RangeChooser
{
    private const int LeastBits = 2, MostBits = 8;

    private static readonly RangeMethod[] s_candidates = [RangeMethod.Mse, RangeMethod.Percentile, RangeMethod.Kl, RangeMethod.Max];

    /// <summary>Samples that are looked at, the first ones.</summary>
    public const int Samples = 16;

    /// <summary>The choices for widths of 2 to 8 bits; where no candidate is better than the squared error there is none.</summary>
    /// <param name="model">The calibrated model.</param>
    /// <param name="table">What calibration saw.</param>
    /// <param name="data">The samples that were calibrated on.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IReadOnlyDictionary<(string Tensor, int Bits), RangeMethod> Choose(
        QuantizableModel model, CalibrationTable table, IDataset data, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(table);
        var choices = new Dictionary<(string Tensor, int Bits), RangeMethod>();
        for (int bits = LeastBits; bits <= MostBits; bits++)
        {
            var width = new Bitwidth(bits);
            var tried = new List<(LayerVariant Variant, string Tensor, RangeMethod Method)>();
            foreach (var readers in model.Layers.GroupBy(l => l.Input, StringComparer.Ordinal))
            {
                var grids = new HashSet<Quantizer>();
                foreach (var method in s_candidates)
                {
                    var grid = RangeEstimator.Estimate(table.HistogramOf(readers.Key), width, method, table.Percentile);
                    if (!grids.Add(grid)) continue;
                    foreach (var layer in readers) tried.Add((new LayerVariant(layer.Layer.Index, grid, null, null), readers.Key, method));
                }
            }
            var noises = LayerProbe.Run(model, [.. tried.Select(t => t.Variant)], data, Samples, LayerProbe.WeightMemory, cancellation);
            // Relative noise, so that of several readers none counts more for the size of its numbers.
            var hurt = tried.Zip(noises, (t, n) => (t.Tensor, t.Method, Noise: n.Signal > 0 ? n.Noise / n.Signal : n.Noise))
                .GroupBy(t => (t.Tensor, t.Method), (key, of) => (key.Tensor, key.Method, Noise: of.Sum(t => t.Noise)));
            foreach (var tensor in hurt.GroupBy(h => h.Tensor, StringComparer.Ordinal))
                if (tensor.OrderBy(h => h.Noise).ThenBy(h => h.Method).First().Method is var best and not RangeMethod.Mse) choices[(tensor.Key, bits)] = best;
        }
        return choices;
    }
}
