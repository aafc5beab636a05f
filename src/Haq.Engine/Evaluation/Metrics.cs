namespace Haq.Engine.Evaluation;

/// <summary>Scores outputs against labels and against the float model's outputs.</summary>
public static class Metrics
{
    private const double LeastProbability = 1e-12;

    /// <summary>Softmax outputs add up to one within this.</summary>
    private const double SumTolerance = 1e-3;

    /// <summary>Scores one sample; <paramref name="label"/> is −1 where there is none. Outputs that are empty, or of another length than the reference, are not compared.</summary>
    public static SampleScore Score(ReadOnlySpan<float> output, ReadOnlySpan<float> reference, int label, OutputKind kind)
    {
        if (output.Length != reference.Length) return SampleScore.OtherExtents;
        if (output.IsEmpty) return SampleScore.Empty;
        double dot = 0, signal = 0, power = 0, noise = 0;
        for (int i = 0; i < output.Length; i++)
        {
            double a = output[i], b = reference[i];
            dot += a * b;
            power += a * a;
            signal += b * b;
            noise += (a - b) * (a - b);
        }
        double cosine = power == 0 && signal == 0 ? 1 : power == 0 || signal == 0 ? 0 : dot / Math.Sqrt(power * signal);
        if (kind == OutputKind.Values) return new SampleScore(false, false, false, 0, cosine, signal, noise);
        int best = Best(output);
        bool top1 = label >= 0 && best == label, top5 = label >= 0 && RankOf(output, label) < 5;
        double divergence = kind == OutputKind.Logits ? LogitDivergence(reference, output) : ProbabilityDivergence(reference, output);
        return new SampleScore(top1, top5, best == Best(reference), divergence, cosine, signal, noise);
    }

    /// <summary>The means over those of <paramref name="samples"/> that were compared. Where none was, because all have other extents, nothing is left of the float model's output.</summary>
    public static PolicyScore Summarize(ReadOnlySpan<SampleScore> samples, bool hasLabels, OutputKind kind)
    {
        int n = 0, top1 = 0, top5 = 0, agree = 0;
        double divergence = 0, cosine = 0, signal = 0, noise = 0;
        foreach (ref readonly var s in samples)
        {
            if (!s.IsCompared) continue;
            n++;
            if (s.Top1) top1++;
            if (s.Top5) top5++;
            if (s.Agrees) agree++;
            divergence += s.Divergence;
            cosine += s.Cosine;
            signal += s.Signal;
            noise += s.Noise;
        }
        if (n == 0)
        {
            bool alike = !samples.ContainsAny([SampleScore.OtherExtents]);
            return new PolicyScore(null, null, null, alike ? 0 : 1, alike ? 1 : 0, null, 0);
        }
        bool classes = kind != OutputKind.Values;
        double? Share(int count, bool known) => known && classes ? 100.0 * count / n : null;
        double relative = signal > 0 ? noise / signal : noise;
        // Without noise the ratio is infinite, which JSON cannot say: absent.
        double? sqnr = noise > 0 && signal > 0 ? 10 * Math.Log10(signal / noise) : null;
        return new PolicyScore(Share(top1, hasLabels), Share(top5, hasLabels), Share(agree, true), classes ? divergence / n : relative, WorstCosine(samples) ?? cosine / n, sqnr, n);
    }

    // The least of the outputs' means; null where one output was compared.
    private static double? WorstCosine(ReadOnlySpan<SampleScore> samples)
    {
        double[]? sums = null;
        int[] counts = [];
        foreach (ref readonly var sample in samples)
        {
            if (sample.Cosines is not { } cosines) continue;
            if (sums is null) (sums, counts) = (new double[cosines.Length], new int[cosines.Length]);
            for (int i = 0; i < cosines.Length; i++)
            {
                if (double.IsNaN(cosines[i])) continue;
                sums[i] += cosines[i];
                counts[i]++;
            }
        }
        return sums?.Zip(counts).Where(o => o.Second > 0).Min(o => o.First / o.Second);
    }

    /// <summary>
    /// The standard error of the difference in a figure between two networks on the same samples, in percentage points. Pairs share their samples, so that it is much smaller than the error of
    /// either figure. Null for fewer than two samples.
    /// </summary>
    public static double? DifferenceError(ReadOnlySpan<SampleScore> quantized, ReadOnlySpan<SampleScore> original, Func<SampleScore, double> figure)
    {
        ArgumentNullException.ThrowIfNull(figure);
        if (quantized.Length != original.Length) throw new ArgumentException($"{quantized.Length} samples beside {original.Length}", nameof(original));
        int n = quantized.Length;
        if (n < 2) return null;
        double mean = 0, squares = 0;
        for (int i = 0; i < n; i++) mean += (figure(quantized[i]) - figure(original[i])) / n;
        for (int i = 0; i < n; i++)
        {
            double off = figure(quantized[i]) - figure(original[i]) - mean;
            squares += off * off;
        }
        return 100 * Math.Sqrt(squares / n / (n - 1));
    }

    /// <summary>What rows of <paramref name="classes"/> values are: probabilities when none is negative and each row adds up to one.</summary>
    internal static OutputKind KindOf(ReadOnlySpan<float> rows, int classes)
    {
        if (classes < 2) return OutputKind.Values;
        for (int from = 0; from < rows.Length; from += classes)
        {
            double sum = 0;
            foreach (float p in rows.Slice(from, classes))
            {
                if (!(p >= 0)) return OutputKind.Logits;
                sum += p;
            }
            if (Math.Abs(sum - 1) > SumTolerance) return OutputKind.Logits;
        }
        return OutputKind.Probabilities;
    }

    /// <summary>The first of the greatest values; an output that is not a number is no class at all.</summary>
    private static int Best(ReadOnlySpan<float> values)
    {
        int best = -1;
        for (int i = 0; i < values.Length; i++)
        {
            if (float.IsNaN(values[i])) return -1;
            if (best < 0 || values[i] > values[best]) best = i;
        }
        return best;
    }

    private static int RankOf(ReadOnlySpan<float> values, int label)
    {
        if (label >= values.Length || float.IsNaN(values[label])) return int.MaxValue;
        int rank = 0;
        for (int i = 0; i < values.Length; i++)
            if (values[i] > values[label] || (values[i] == values[label] && i < label)) rank++;
        return rank;
    }

    private static double LogitDivergence(ReadOnlySpan<float> reference, ReadOnlySpan<float> output)
    {
        double p0 = LogSumExp(reference), q0 = LogSumExp(output), sum = 0;
        for (int i = 0; i < output.Length; i++)
        {
            double logP = reference[i] - p0;
            sum += Math.Exp(logP) * (logP - (output[i] - q0));
        }
        return Math.Max(0, sum);
    }

    private static double ProbabilityDivergence(ReadOnlySpan<float> reference, ReadOnlySpan<float> output)
    {
        double sum = 0;
        for (int i = 0; i < output.Length; i++)
            if (reference[i] > 0) sum += reference[i] * Math.Log(reference[i] / Math.Max(LeastProbability, (double)output[i]));
        return Math.Max(0, sum);
    }

    private static double LogSumExp(ReadOnlySpan<float> values)
    {
        double max = double.NegativeInfinity, sum = 0;
        foreach (float v in values) max = Math.Max(max, v);
        foreach (float v in values) sum += Math.Exp(v - max);
        return max + Math.Log(sum);
    }
}
