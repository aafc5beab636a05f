using Haq.Engine.Data;
using Haq.Engine.Layers;
using Haq.Engine.Quantization;
using Haq.Engine.Training;

namespace Haq.Engine.Evaluation;

/// <summary>
/// Measures policies after a short training of each, as HAQ does (Wang et al., CVPR 2019, §3.3): it finds policies that training repairs, which may be others than those that
/// hurt least without. The training set and the set that is measured on are different; the same policy always trains in the same way. One caller at a time.
/// </summary>
public sealed class FineTunedEvaluator : IPolicyEvaluator
{
    private readonly PostTrainingQuantizer _quantizer;
    private readonly MeasuredEvaluator _measured;
    private readonly IDataset _training;
    private readonly FineTuneOptions _options;
    private readonly Func<PolicyScore, double> _value;

    /// <summary>Trains on <paramref name="training"/> and measures on <paramref name="set"/>, which both stay the caller's.</summary>
    /// <param name="quantizer">Makes what training starts from.</param>
    /// <param name="set">The search set.</param>
    /// <param name="training">The training set.</param>
    /// <param name="options">How long and how to train.</param>
    /// <param name="value">What decides which epoch counts, the start included; higher is better.</param>
    public FineTunedEvaluator(PostTrainingQuantizer quantizer, EvaluationSet set, IDataset training, FineTuneOptions options, Func<PolicyScore, double> value)
    {
        ArgumentNullException.ThrowIfNull(quantizer);
        (_quantizer, _measured, _training, _options, _value) = (quantizer, new MeasuredEvaluator(quantizer, set), training, options, value);
    }

    /// <inheritdoc/>
    public PolicyScore Float => _measured.Float;

    /// <inheritdoc/>
    public PolicyScore Evaluate(Policy policy, CancellationToken cancellation)
    {
        var start = _quantizer.Quantize(policy);
        // With every weight in floating point there is nothing to train.
        if (start.Layers.All(l => l.Weights is null)) return _measured.Evaluate(start, cancellation);
        PolicyScore? best = null;
        FineTuner.Run(start, _training, _options, (model, token) =>
        {
            var score = _measured.Evaluate(model, token);
            double value = _value(score);
            if (best is null || value > _value(best)) best = score;
            return new ValidationScore(value);
        }, null, cancellation);
        return best!;
    }
}
