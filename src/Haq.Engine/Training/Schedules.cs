namespace Haq.Engine.Training;

/// <summary>Learning rates over time.</summary>
internal static class Schedules
{
    private const double WarmUp = 0.05;

    /// <summary>The share of the full rate at the step with that number (from 0), where an epoch has <paramref name="perEpoch"/> steps.</summary>
    public static double ShareAt(FineTuneOptions options, long step, long perEpoch)
    {
        long steps = options.Epochs * perEpoch;
        double share = options.Schedule switch
        {
            RateSchedule.Cosine => 0.5 * (1 + Math.Cos(Math.PI * step / steps)),
            RateSchedule.Step => Math.Pow(options.StepFactor, step / perEpoch / options.StepEpochs),
            _ => 1,
        };
        // The first moments are made of few gradients: the first twentieth warms up.
        return share * Math.Min(1, (step + 1) / (WarmUp * steps + 1));
    }

    /// <summary>The highest rate in the epoch with that number (from 1).</summary>
    public static double HighestIn(FineTuneOptions options, int epoch, long perEpoch, double reduction)
    {
        double share = 0;
        for (long step = (epoch - 1) * perEpoch; step < epoch * perEpoch; step++) share = Math.Max(share, ShareAt(options, step, perEpoch));
        return options.LearningRate * reduction * share;
    }

    /// <summary>
    /// The optimizer's settings for the step with that number (from 0): rate, first decay, second decay, epsilon, weight decay, longest gradient. Adam's bias
    /// correction is folded into rate and epsilon: m̂/(√v̂ + ε) = c·m/(√v + ε√(1−β₂ᵗ)), c = √(1−β₂ᵗ)/(1−β₁ᵗ).
    /// </summary>
    public static float[] Settings(FineTuneOptions options, long step, long perEpoch, double reduction)
    {
        const double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
        double rate = options.LearningRate * reduction * ShareAt(options, step, perEpoch);
        float longest = options.ClipNorm > 0 ? (float)options.ClipNorm : float.MaxValue;
        if (options.Optimizer == OptimizerKind.Sgd) return [(float)rate, (float)options.Momentum, 0, 0, (float)options.WeightDecay, longest];
        double first = 1 - Math.Pow(beta1, step + 1), second = Math.Sqrt(1 - Math.Pow(beta2, step + 1)), corrected = second / first;
        // The decay must not feel the correction: it is divided by it here and multiplied with the rate in the graph.
        return [(float)(rate * corrected), (float)beta1, (float)beta2, (float)(epsilon * second), (float)(options.WeightDecay / corrected), longest];
    }
}
