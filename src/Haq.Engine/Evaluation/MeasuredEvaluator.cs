using Haq.Engine.Layers;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation;

/// <summary>Measures policies without training: exactly what the exported model computes where ONNX Runtime folds its constants. One caller at a time.</summary>
public sealed class MeasuredEvaluator : IPolicyEvaluator
{
    private readonly PostTrainingQuantizer _quantizer;
    private readonly EvaluationSet _set;
    private readonly EvaluationGraph _graph;

    /// <summary>Measures on <paramref name="set"/>, which stays the caller's.</summary>
    public MeasuredEvaluator(PostTrainingQuantizer quantizer, EvaluationSet set)
    {
        ArgumentNullException.ThrowIfNull(quantizer);
        (_quantizer, _set, _graph) = (quantizer, set, new EvaluationGraph(quantizer.Model.Float));
    }

    /// <inheritdoc/>
    public PolicyScore Float => _set.Float;

    /// <inheritdoc/>
    public PolicyScore Evaluate(Policy policy, CancellationToken cancellation) => Evaluate(_quantizer.Quantize(policy), cancellation);

    /// <summary>Scores numbers that come from elsewhere, for example from fine-tuning.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public PolicyScore Evaluate(QuantizedModel quantized, CancellationToken cancellation)
    {
        using var session = Open(quantized);
        return _set.Score(session, cancellation);
    }

    /// <summary>Scores every sample, for comparisons in pairs.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SampleScore[] Samples(QuantizedModel quantized, CancellationToken cancellation)
    {
        using var session = Open(quantized);
        return _set.Run(session, cancellation);
    }

    private OrtSession Open(QuantizedModel quantized) => new(_graph.Build(quantized), quantized.Model.Name, EvaluationSet.Exact, _graph.Folder);
}
