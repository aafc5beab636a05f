using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Runtime;
using Haq.Engine.Training;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Measures the exported file on images that no choice was made on, and gathers the facts of the build.</summary>
internal static class ReportStage
{
    private const string TooLarge =
        "With more than a gigabyte of parameters the network itself was measured, but not the uniform policies beside it, nor what each step gains, nor which layers do the damage: every one of these takes a "
        + "quantized network of its own. Ask for them with 'haq evaluate --steps' and 'haq inspect haq.yaml'.";

    private static readonly ImmutableArray<int> s_baselines = [8, 6, 5, 4];

    public static ReportModel Measure(Workspace workspace, SearchOutcome outcome, QuantizedModel quantized, FineTuneResult? tuned, OnnxModel exported, string modelPath)
    {
        OriginalCheck.Run(workspace, tuned?.Model ?? quantized, exported);
        var set = workspace.ReportedSet;
        workspace.Report("report", $"measuring on {set.Count} samples", 0);
        // The files as their users run them: plain sessions with ONNX Runtime's defaults.
        var samples = Samples(set, exported, PlainSession.For(quantized.Model), workspace.Cancellation);
        var score = set.Summarize(samples);
        var delivered = AccuracyFacts.Of(score);
        var untrained = tuned is null ? delivered : AccuracyFacts.Of(set.Score(QdqExporter.Export(quantized), PlainSession.For(quantized.Model), workspace.Cancellation));
        var baselines = ImmutableArray.CreateBuilder<BaselineFacts>();
        var evaluator = new EvaluationMemo(new MeasuredEvaluator(workspace.Quantizer, set));
        bool huge = workspace.Model.Float.IsHuge;
        foreach (int bits in s_baselines)
        {
            if (Uniform.Of(workspace, bits) is not { } policy) continue;
            workspace.Report("report", $"measuring uniform {bits} bit", (baselines.Count + 1.0) / (s_baselines.Length + 2));
            var measured = !huge ? AccuracyFacts.Of(evaluator.Evaluate(policy, workspace.Cancellation)) : policy.Equals(outcome.Policy) ? untrained : null;
            baselines.Add(Baseline(workspace, bits, policy) with { Quantized = measured });
        }
        var steps = huge ? [] : StepRecord.Of(workspace, outcome.Policy, quantized, set);
        var diagnosis = huge ? null : LayerDamage.Of(workspace, tuned?.Model ?? quantized);
        if (!huge) OutputAgreement.Warn(workspace, tuned?.Model ?? quantized);
        workspace.Report("report", "timing float and quantized model", (s_baselines.Length + 1.0) / (s_baselines.Length + 2));
        var (difference, times) = new ModelComparison(workspace.Source, exported, set.Output, workspace.Data.Reported, huge).Run(workspace.Cancellation);
        var facts = ReportFacts.Of(workspace, outcome, modelPath);
        return facts with
        {
            EvaluatedOn = $"{set.Count} samples of {workspace.Data.Reported.Name} that no choice was made on",
            Float = AccuracyFacts.Of(set.Float),
            Quantized = untrained,
            AccuracyStandardError = score.Agreement is null ? null : Metrics.DifferenceError(samples, set.FloatSamples.AsSpan(), score.Top1 is not null),
            Finetuned = tuned is null ? null : delivered,
            Finetune = tuned is null ? null : TrainingFacts(workspace, tuned),
            Steps = [.. steps.Select(Facts)],
            Layers = diagnosis is null ? facts.Layers : LayerDamage.Add(facts.Layers, diagnosis),
            Baselines = baselines.ToImmutable(),
            Pareto = huge ? [] : FrontReport.Of(workspace, outcome, evaluator),
            NotMeasured = huge ? TooLarge : null,
            OutputDifference = difference,
            Timings = new TimingFacts { RunTime = times },
            Warnings = [.. workspace.Warnings.Select(WarningFacts.Of)],
        };
    }

    public static ReportModel WithoutData(Workspace workspace, SearchOutcome outcome, string modelPath, LockFile locked) =>
        ReportFacts.Of(workspace, outcome, modelPath) with
        {
            EvaluatedOn = "data that was not here for this build; the figures are the lock file's",
            Float = Facts(locked.Measured.Float),
            Quantized = Facts(locked.Measured.Quantized),
            Finetuned = Facts(locked.Measured.Finetuned),
            Baselines = [.. s_baselines.Select(bits => (bits, policy: Uniform.Of(workspace, bits))).Where(b => b.policy is not null).Select(b => Baseline(workspace, b.bits, b.policy!))],
        };

    private static SampleScore[] Samples(EvaluationSet set, OnnxModel exported, SessionSettings settings, CancellationToken cancellation)
    {
        using var session = new OrtSession(exported, settings);
        return set.Run(session, cancellation);
    }

    private static StepFacts Facts(QuantizationStep step) => new()
    {
        Name = step.Name,
        Detail = step.Detail,
        LossBefore = step.Before?.Loss,
        LossAfter = step.After?.Loss,
        Top1Before = step.Before?.Top1,
        Top1After = step.After?.Top1,
        StandardError = step.Gain?.StandardError,
    };

    private static FineTuneFacts TrainingFacts(Workspace workspace, FineTuneResult tuned)
    {
        var settings = workspace.Manifest.Finetune!;
        var training = FinetuneStage.TrainingSetOf(workspace);
        return new FineTuneFacts
        {
            Optimizer = settings.Optimizer.ToString().ToLowerInvariant(),
            Loss = settings.Loss switch { FinetuneLoss.CrossEntropy => "cross-entropy", FinetuneLoss.Mse => "mse", _ => "distillation" },
            Quantizer = settings.Quantizer.ToString().ToLowerInvariant(),
            BatchNorm = settings.BatchNorm.ToString().ToLowerInvariant(),
            Schedule = settings.Schedule.ToString().ToLowerInvariant(),
            Data = training.Name,
            Samples = training.Count,
            KeptEpoch = tuned.BestEpoch,
            Start = Facts(tuned.Start),
            Epochs = [.. tuned.Epochs.Select(e => new EpochFacts { Epoch = e.Epoch, TrainingLoss = e.Loss, Validation = Facts(e.Validation), LearningRate = e.LearningRate, Retries = e.Retries })],
        };
    }

    private static AccuracyFacts Facts(ValidationScore score) => new() { Top1 = score.Top1, Top5 = score.Top5, Agreement = score.Agreement, Loss = score.Loss, Samples = score.Samples };

    private static BaselineFacts Baseline(Workspace workspace, int bits, Policy policy) => new()
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"uniform {bits} bit"),
        Bits = bits,
        Cost = CostFacts.Of(workspace.Pricing.Costs.PriceWhole(policy), workspace.Pricing.Costs.Batch),
    };

    private static AccuracyFacts? Facts(LockedScore? score) =>
        score is null ? null : new AccuracyFacts { Top1 = score.Top1, Top5 = score.Top5, Agreement = score.Agreement, Loss = score.Loss, Samples = score.Samples };
}
