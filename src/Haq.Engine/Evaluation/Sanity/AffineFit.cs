using System.Collections.Immutable;
using Haq.Engine.Data;

namespace Haq.Engine.Evaluation.Sanity;

/// <summary>
/// Looks for the zero point and the scale of integers that stand for real numbers, such as quantized spectra: (x − mean) / std under which the model knows the labels best.
/// A coarse grid, then halved steps around the best of it.
/// </summary>
internal static class AffineFit
{
    private const int Halvings = 4;

    private static readonly ImmutableArray<double> s_means = [-128, -96, -64, -32, 0, 32, 64, 96, 128], s_stds = [0.25, 1, 4, 16, 64, 128];

    /// <summary>The best that was found; null where the data is no bare bytes.</summary>
    /// <param name="start">How the data is read now.</param>
    /// <param name="agreement">How well the model knows the labels under a preprocessing; null where it cannot be read so.</param>
    /// <param name="tried">How many were tried.</param>
    public static (DatasetOptions Options, ChanceAgreement Agreement)? Find(DatasetOptions start, Func<DatasetOptions, ChanceAgreement?> agreement, out int tried)
    {
        tried = 0;
        if (start is not { Format: DatasetFormat.Raw, ElementType: ElementKind.Int8 or ElementKind.Uint8 }) return null;
        int lowest = start.ElementType == ElementKind.Uint8 ? 128 : 0, count = 0;
        (double Mean, double Std, ChanceAgreement? Agreement) best = (lowest, 1, null);
        foreach (double mean in s_means)
            foreach (double std in s_stds) Try(mean + lowest, std);
        double step = s_means[1] - s_means[0], factor = 2;
        for (int i = 0; i < Halvings; i++)
        {
            (step, var from) = (step / 2, best);
            foreach (double mean in (double[])[from.Mean - step, from.Mean, from.Mean + step])
                foreach (double std in (double[])[from.Std / factor, from.Std, from.Std * factor]) if ((mean, std) != (from.Mean, from.Std)) Try(mean, std);
            factor = Math.Sqrt(factor);
        }
        tried = count;
        return best.Agreement is { } reached ? (With(best.Mean, best.Std), reached) : null;

        void Try(double mean, double std)
        {
            count++;
            if (agreement(With(mean, std)) is { } found && (best.Agreement is not { } known || found.Kappa > known.Kappa)) best = (mean, std, found);
        }

        DatasetOptions With(double mean, double std) => start with { Preprocess = start.Preprocess with { Scale = 1, Mean = [mean], Std = [Math.Round(std, 4)] } };
    }
}
