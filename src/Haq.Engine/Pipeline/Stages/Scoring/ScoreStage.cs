using System.Collections.Immutable;
using System.Text.Json;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Pipeline.Stages.Scoring;

/// <param name="Method">The way of scoring.</param>
/// <param name="Scorer">What makes the scores.</param>
/// <param name="Probes">What probes are measured with.</param>
/// <param name="Choices">By layer.</param>
/// <param name="Groups">Layers that share their activation bits.</param>
internal sealed record ScoreInputs(
    SensitivityMethod Method, Handle<Func<IPolicyEvaluator, ISensitivityScorer>> Scorer, Handle<Measurements> Probes, IReadOnlyList<LayerBits[]> Choices, ImmutableArray<ImmutableArray<int>> Groups);

/// <summary>Scores every choice by itself: budgets, targets with the same widths, and strategies share them.</summary>
internal sealed class ScoreStage : CachedStage<ScoreInputs, SensitivityTable>
{
    private const string FileName = "scores.json";

    public override string Name => "score";

    public override int Version => StageVersions.Score;

    public override SensitivityTable Run(ScoreInputs inputs, StageScope scope)
    {
        scope.Report($"scoring every choice by itself ({inputs.Method.ToString().ToLowerInvariant()})");
        var measured = inputs.Probes.Value;
        return inputs.Scorer.Value(measured.Probes ?? measured.Evaluator).Score(inputs.Choices, inputs.Groups, scope.Cancellation);
    }

    public override void Write(SensitivityTable result, string folder) =>
        File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(ScoreRecord.Of(result), SearchOutcomeJson.Default.ScoreRecord));

    public override SensitivityTable Read(ScoreInputs inputs, string folder) =>
        JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, FileName)), SearchOutcomeJson.Default.ScoreRecord)!.ToTable();
}
