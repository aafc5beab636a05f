using Haq.Engine.Data;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Search;
using Haq.Engine.Training;
using Onnx;

namespace Haq.Engine.Pipeline.Stages.Measuring;

/// <param name="Measurements">What policies are measured with, without training.</param>
/// <param name="Training">A short training of each candidate; null for none.</param>
/// <param name="Predictions">The scores that candidates are predicted by in place of being measured; null where they are measured.</param>
internal sealed record CandidateInputs(Handle<Measurements> Measurements, CandidateTraining? Training, Handle<SensitivityTable>? Predictions);

/// <param name="Quantizer">What gives every policy its numbers.</param>
/// <param name="Set">The search set.</param>
/// <param name="Samples">What is trained on.</param>
/// <param name="Options">How long and how.</param>
/// <param name="Quality">What decides which epoch counts.</param>
/// <param name="Example">One sample, for extents that a run on zeros does not tell.</param>
internal sealed record CandidateTraining(
    Handle<PostTrainingQuantizer> Quantizer, Handle<EvaluationSet> Set, Handle<IDataset> Samples, FineTuneOptions Options, Quality Quality,
    [property: NoInfluence("extents are the network's")] Handle<IReadOnlyDictionary<string, TensorProto>?> Example);

/// <summary>How the search sees its candidates.</summary>
internal sealed class CandidateStage : Stage<CandidateInputs, Candidates>
{
    public override string Name => "measure";

    // Candidates are trained; probes, which only compare neighbours and are many, are not.
    public override Candidates Run(CandidateInputs inputs, StageScope scope)
    {
        if (inputs.Predictions is { } scores) return new Candidates(new SurrogateEvaluator(scores.Value), null, null);
        var measured = inputs.Measurements.Value;
        if (inputs.Training is not { } training) return new Candidates(measured.Evaluator, measured.Probes, null);
        var options = training.Options with { Example = () => training.Example.Value };
        var trained = new FineTunedEvaluator(training.Quantizer.Value, training.Set.Value, training.Samples.Value, options, score => training.Quality.Of(score));
        var (evaluator, journal) = Journals.Durable(scope, trained, new Subject(training, StageVersions.Finetune));
        return new Candidates(evaluator, measured.Probes ?? measured.Evaluator, journal);
    }

    private sealed record Subject(CandidateTraining Training, int TrainingVersion);
}
