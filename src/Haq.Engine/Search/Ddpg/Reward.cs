namespace Haq.Engine.Search.Ddpg;

/// <summary>HAQ's reward, and the moving average that centres it.</summary>
internal sealed class Reward(double scale, double average)
{
    private double? _mean;

    /// <summary>The moving average; null before the first batch.</summary>
    public double? Mean
    {
        get => _mean;
        set => _mean = value;
    }

    /// <summary>λ·(quantized − original), in percentage points (HAQ eq. 7).</summary>
    public double Of(double quantized, double original) => scale * (quantized - original);

    /// <summary>Moves the average towards the batch's mean reward and subtracts it from every transition.</summary>
    public void Centre(Span<Transition> batch)
    {
        double mean = 0;
        foreach (ref readonly var transition in batch) mean += transition.Reward / batch.Length;
        _mean = _mean is { } old ? old + average * (mean - old) : mean;
        foreach (ref var transition in batch) transition = transition with { Reward = (float)(transition.Reward - _mean.Value) };
    }
}
