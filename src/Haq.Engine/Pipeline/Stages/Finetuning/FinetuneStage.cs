using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Evaluation;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Quantization;
using Haq.Engine.Search;
using Haq.Engine.Training;
using Onnx;

namespace Haq.Engine.Pipeline.Stages.Finetuning;

/// <param name="Start">The quantized network.</param>
/// <param name="Quantizer">Holds the float network that epochs are compared with.</param>
/// <param name="Samples">What is trained on.</param>
/// <param name="Validation">What decides which epoch is kept.</param>
/// <param name="Options">How long and how.</param>
/// <param name="Quality">The figure that decides.</param>
/// <param name="Example">One sample, for extents that a run on zeros does not tell.</param>
internal sealed record FinetuneInputs(
    Handle<QuantizedModel> Start, Handle<PostTrainingQuantizer> Quantizer, Handle<IDataset> Samples, Handle<EvaluationSet> Validation, FineTuneOptions Options, Quality Quality,
    [property: NoInfluence("extents are the network's")] Handle<IReadOnlyDictionary<string, TensorProto>?> Example);

/// <summary>Trains the quantized network further. Every epoch is a checkpoint in the cache: a run that was killed goes on there, a finished one is read back.</summary>
internal sealed class FinetuneStage : Stage<FinetuneInputs, FineTuneResult>
{
    public override string Name => "finetune";

    public override int Version => StageVersions.Finetune;

    public override FineTuneResult Run(FinetuneInputs inputs, StageScope scope)
    {
        var training = inputs.Samples.Value;
        var evaluator = new MeasuredEvaluator(inputs.Quantizer.Value, inputs.Validation.Value);
        var progress = new Relay<FineTuneProgress>(at => scope.Report(
            string.Create(CultureInfo.InvariantCulture, $"epoch {at.Epoch} of {at.Epochs}, step {at.Step} of {at.Steps}: loss {at.Loss:G4}"),
            (at.Epoch - 1 + (double)at.Step / at.Steps) / at.Epochs, at.Left));
        scope.Report($"training on {training.Count} samples", 0);
        using var work = scope.HoldWork();
        var options = inputs.Options with { Example = () => inputs.Example.Value, CheckpointFolder = work.Path };
        var result = FineTuner.Run(inputs.Start.Value, training, options, Validate, progress, scope.Cancellation);
        foreach (var warning in result.Warnings) scope.Warn(warning);
        return result;

        // An epoch becomes a checkpoint after its validation; one of data that changed must not.
        ValidationScore Validate(QuantizedModel model, CancellationToken cancellation)
        {
            var score = Validation(evaluator.Evaluate(model, cancellation), inputs.Quality);
            scope.RequireUnchanged();
            return score;
        }
    }

    private static ValidationScore Validation(PolicyScore score, Quality quality) =>
        new(quality.Of(score), score.Top1, score.Top5, score.Agreement, score.Loss, score.Samples);
}
