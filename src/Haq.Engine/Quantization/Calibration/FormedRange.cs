using Haq.Engine.Layers;

namespace Haq.Engine.Quantization.Calibration;

/// <summary>Chooses grids that have a form to keep: of zero point 0, or with scales that are powers of two.</summary>
internal static class FormedRange
{
    private const int Sweeps = 3, Steps = 96, Halvings = 6;

    /// <summary>The quantizer for a distribution.</summary>
    /// <param name="histogram">What was seen.</param>
    /// <param name="bits">The width.</param>
    /// <param name="usual">The grid that would be chosen without a form; what it clips is what the method clips.</param>
    /// <param name="method">How the range is chosen.</param>
    /// <param name="form">The form.</param>
    public static Quantizer Of(StreamedHistogram histogram, Bitwidth bits, Quantizer usual, RangeMethod method, GridForm form)
    {
        bool clips = method != RangeMethod.Max && bits <= Bitwidth.Eight;
        var error = clips ? new GridError(histogram) : null;
        if (!form.IsSymmetric) return PowerOfTwo(error, Math.Max(usual.Highest - usual.Lowest, 0) / (usual.Range.Levels - 1), scale => Grid.WithScale(scale, usual.Lowest, usual.Range));
        var range = IntegerRange.Signed(bits);
        float reach = Math.Max(-Math.Min(0, histogram.Min), Math.Max(0, histogram.Max));
        if (!(reach > 0)) return new Quantizer(1, 0, range);
        float covering = clips && method != RangeMethod.Mse ? Math.Max(-usual.Lowest, usual.Highest) / range.Max : reach / range.Max;
        if (form.PowerOfTwo) return PowerOfTwo(error, covering, scale => new Quantizer(scale, 0, range));
        return error is null || method != RangeMethod.Mse ? new Quantizer(covering, 0, range) : Sweep(error, covering, range);
    }

    // The error has several valleys: the whole span first, then around the best.
    private static Quantizer Sweep(GridError error, float covering, IntegerRange range)
    {
        var best = new Quantizer(covering, 0, range);
        double least = error.Of(best), from = 1.0 / Steps, to = 1, step = 1.0 / Steps, found = 1;
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            double around = found;
            for (double share = to; share >= from - step * 1e-6; share -= step)
            {
                float scale = (float)(covering * share);
                if (!(scale > 0)) continue;
                var candidate = new Quantizer(scale, 0, range);
                double e = error.Of(candidate);
                if (e < least) (best, least, around) = (candidate, e, share);
            }
            found = around;
            (from, to, step) = (Math.Max(step / 8, found - step), Math.Min(1, found + step), step / 8);
        }
        return best;
    }

    private static Quantizer PowerOfTwo(GridError? error, float covering, Func<float, Quantizer> of)
    {
        if (!(covering > 0)) return of(1);
        float scale = PowersOfTwo.AtLeast(covering);
        var best = of(scale);
        if (error is null) return best;
        double least = error.Of(best);
        for (int n = 0; n < Halvings && float.IsNormal(scale / 2); n++)
        {
            scale /= 2;
            var candidate = of(scale);
            double e = error.Of(candidate);
            if (e < least) (best, least) = (candidate, e);
        }
        return best;
    }
}
