
namespace Haq.Engine.Quantization.Smoothing;

/// <summary>
/// Chooses the factors of one tensor. All of its channels share one grid, so that a channel of small values has few of its levels. Dividing channel c by s_c, and multiplying the weights that read it
/// by s_c, changes nothing in real numbers; the noise that the grid leaves in the layers' outputs becomes Δ²/12 · Σ_c s_c² Σ w², Δ the scale that
/// the widest stretched channel needs. That is least where
/// every channel fills the grid; but weights then take up the ratio, and where an output channel reads many channels they lose precision. So the factors are taken to a power between 0 and 1, the one
/// whose noise of activations and weights together is least (Xiao et al. 2023, "SmoothQuant", eq. 4, balances the same two by a fixed power). A channel whose values lie around another value than zero
/// wastes the grid between them: where the layers are not padded its centre is taken off first, and given back by their biases.
/// </summary>
internal static class SmoothingFactors
{
    /// <summary>No channel is stretched further: its values on other data may be greater than any seen.</summary>
    private const double Least = 1.0 / 512;

    private static readonly double[] s_powers = [0.25, 0.5, 0.75, 1];

    // What share of the grid is below zero.
    private static readonly double[] s_negative = [0, .01, .02, .03, .05, .07, .1, .15, .2, .25, .3, .35, .4, .45, .5, .55, .6, .65, .7, .75, .8, .85, .9, .95, 1];

    /// <summary>Channels are centred where that lowers the noise by this factor more than stretching them alone.</summary>
    private const double LeastGainOfOffsets = 4;

    /// <summary>The best way to even out the channels, the noise without and with it, both relative to the variance of the layers' outputs; null where there is nothing to gain.</summary>
    /// <param name="read">What the layers read.</param>
    /// <param name="readers">The layers.</param>
    /// <param name="levels">Values of the grid.</param>
    public static SmoothingChoice? Choose(ChannelExtents read, IReadOnlyList<ReaderWeights> readers, int levels)
    {
        double[] squares = new double[read.Channels], signals = new double[readers.Count];
        for (int r = 0; r < signals.Length; r++)
        {
            double[] own = readers[r].Squares();
            for (int c = 0; c < own.Length; c++) signals[r] += own[c] * read.Variance(c);
            if (!(signals[r] > 0) || !double.IsFinite(signals[r])) return null;
            for (int c = 0; c < own.Length; c++) squares[c] += own[c] / signals[r];
        }
        double[] none = new double[read.Channels], centres = [.. Enumerable.Range(0, read.Channels).Select(c => (read.Low(c) + read.High(c)) / 2)];
        // The grid as it is spans what was seen; an even one is judged by what other samples may reach, so that differences between a few samples' channels gain nothing.
        double before = NoiseWith(Math.Max(0, read.Greatest) - Math.Min(0, read.Least), [.. none.Select(_ => 1.0)]);
        var (factors, after) = Best(none);
        if (readers.All(r => r.TakesOffsets) && Best(centres) is var (stretched, least) && least * LeastGainOfOffsets < after) return new SmoothingChoice(stretched, centres, before, least);
        return after < before ? new SmoothingChoice(factors, [], before, after) : null;

        (double[] Factors, double Noise) Best(double[] offsets)
        {
            if (Stretched(read, offsets, squares) is not { } full) return (none, double.PositiveInfinity);
            (double[] best, double least) = (none, double.PositiveInfinity);
            foreach (double power in readers.All(r => r.IsDepthwise) ? [1] : s_powers)
            {
                double[] candidate = [.. full.Select(f => Math.Pow(f, power))];
                if (NoiseOf(candidate, offsets) is var noise && noise < least) (best, least) = (candidate, noise);
            }
            return (best, least);
        }

        double NoiseOf(double[] factors, double[] offsets)
        {
            double low = 0, high = 0;
            for (int c = 0; c < factors.Length; c++)
            {
                low = Math.Min(low, (read.Low(c) - offsets[c]) / factors[c]);
                high = Math.Max(high, (read.High(c) - offsets[c]) / factors[c]);
            }
            return NoiseWith(high - low, factors);
        }

        double NoiseWith(double span, double[] factors)
        {
            double scale = span / (levels - 1), activations = 0, weights = 0;
            for (int c = 0; c < factors.Length; c++) activations += factors[c] * factors[c] * squares[c];
            for (int r = 0; r < signals.Length; r++) weights += readers[r].Noise(read, factors) / signals[r];
            return scale * scale / 12 * activations + weights;
        }
    }

    /// <summary>The factors with which every channel reaches an end of the grid, for the share of negative values that leaves least noise; the greatest is 1. Channels without values keep 1.</summary>
    private static double[]? Stretched(ChannelExtents read, double[] offsets, double[] squares)
    {
        double[]? best = null;
        double least = double.PositiveInfinity;
        foreach (double negative in s_negative)
        {
            double[] factors = new double[read.Channels];
            double noise = 0;
            for (int c = 0; c < factors.Length; c++)
            {
                double low = read.Low(c) - offsets[c], high = read.High(c) - offsets[c];
                factors[c] = Math.Max(high > 0 ? high / (1 - negative) : 0, low < 0 ? -low / negative : 0);
                noise += factors[c] * factors[c] * squares[c];
            }
            // An end that is needed and not there makes a factor infinite.
            if (noise < least) (best, least) = (factors, noise);
        }
        if (best is null || best.Max() is not (> 0 and var greatest)) return null;
        for (int c = 0; c < best.Length; c++) best[c] = best[c] == 0 ? 1 : Math.Clamp(best[c] / greatest, Least, 1);
        return best;
    }
}
