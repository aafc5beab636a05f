using Haq.Engine.Evaluation.Compiled;
using Haq.Engine.Layers;
using Haq.Engine.Quantization;

namespace Haq.Engine.Evaluation;

/// <summary>Measures policies without training: exactly what the exported model computes where ONNX Runtime folds its constants. One caller at a time.</summary>
public sealed class MeasuredEvaluator : IRacingEvaluator
{
    private readonly PostTrainingQuantizer _quantizer;
    private readonly EvaluationSet _set;
    private readonly bool _integers;
    private (Policy Policy, SampleScore[] Samples)? _rival, _last;

    /// <summary>Measures on <paramref name="set"/>, which stays the caller's.</summary>
    /// <param name="quantizer">Gives policies their numbers.</param>
    /// <param name="set">The samples.</param>
    /// <param name="integers">
    /// Scores of policies are for comparison with each other: convolutions of at most 8 bits add integers, exactly and in half the time, where the plain form rounds every product in floating point.
    /// </param>
    public MeasuredEvaluator(PostTrainingQuantizer quantizer, EvaluationSet set, bool integers = false) => (_quantizer, _set, _integers) = (quantizer, set, integers);

    /// <inheritdoc/>
    public PolicyScore Float => _set.Float;

    /// <inheritdoc/>
    /// <remarks>What the first layers made is kept within the set's <see cref="EvaluationOptions.PrefixMemory"/>: a policy that differs in later layers only is faster.</remarks>
    public PolicyScore Evaluate(Policy policy, CancellationToken cancellation)
    {
        var samples = Samples(policy, cancellation);
        _last = (policy, samples);
        return _set.Summarize(samples);
    }

    /// <inheritdoc/>
    public PolicyScore Evaluate(Policy policy, Policy rival, CancellationToken cancellation)
    {
        var known = _rival is { } raced && raced.Policy.Equals(rival) ? raced : _last is { } last && last.Policy.Equals(rival) ? last : (Policy: rival, Samples: Samples(rival, cancellation));
        _rival = known;
        using var network = Open(policy);
        var (all, score) = _set.Race(network.Run, known.Samples, cancellation);
        // Who wins is the next rival.
        if (all is not null && score.Loss < _set.Summarize(known.Samples).Loss) _rival = (policy, all);
        return score;
    }

    /// <summary>Scores numbers that come from elsewhere, for example from fine-tuning.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public PolicyScore Evaluate(QuantizedModel quantized, CancellationToken cancellation) => _set.Summarize(Samples(quantized, cancellation));

    /// <summary>Scores every sample, for comparisons in pairs.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SampleScore[] Samples(QuantizedModel quantized, CancellationToken cancellation)
    {
        using var network = _set.Open(quantized, reuse: false);
        return _set.Run(network.Run, cancellation);
    }

    private SampleScore[] Samples(Policy policy, CancellationToken cancellation)
    {
        using var network = Open(policy);
        return _set.Run(network.Run, cancellation);
    }

    private INetwork Open(Policy policy) => _integers ? _set.OpenToCompare(_quantizer, policy, reuse: true) : _set.Open(_quantizer.Quantize(policy), reuse: true);
}
