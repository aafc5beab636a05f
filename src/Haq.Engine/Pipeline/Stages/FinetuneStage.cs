using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Evaluation;
using Haq.Engine.Manifest;
using Haq.Engine.Quantization;
using Haq.Engine.Search;
using Haq.Engine.Training;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Trains the quantized network further. Every epoch is a checkpoint in the cache: a run that was killed goes on there, a finished one is read back.</summary>
internal static class FinetuneStage
{
    /// <summary>The result, or null where the manifest asks for no training.</summary>
    public static FineTuneResult? Run(Workspace workspace, QuantizedModel start)
    {
        if (workspace.Manifest.Finetune is not { } settings) return null;
        var training = TrainingSetOf(workspace);
        var evaluator = new MeasuredEvaluator(workspace.Quantizer, workspace.SearchSet);
        var quality = QualityOf(workspace);
        var progress = new Relay<FineTuneProgress>(at => workspace.Report(
            "finetune", string.Create(CultureInfo.InvariantCulture, $"epoch {at.Epoch} of {at.Epochs}, step {at.Step} of {at.Steps}: loss {at.Loss:G4}"),
            (at.Epoch - 1 + (double)at.Step / at.Steps) / at.Epochs, at.Left));
        workspace.Report("finetune", $"training on {training.Count} samples", 0);
        var key = KeyOf(workspace, start);
        using var guard = workspace.Options.Cache.Lock(key, () => workspace.Report("wait", "waiting for another build of the same model"), workspace.Cancellation);
        var options = OptionsOf(workspace, settings) with { CheckpointFolder = workspace.Options.Cache.WorkFolder(key) };
        var result = FineTuner.Run(start, training, options, Validate, progress, workspace.Cancellation);
        foreach (var warning in result.Warnings) workspace.Warn(warning);
        return result;

        // An epoch becomes a checkpoint after its validation; one of data that changed must not.
        ValidationScore Validate(QuantizedModel model, CancellationToken cancellation)
        {
            var score = Validation(evaluator.Evaluate(model, cancellation), quality);
            workspace.Inputs.RequireUnchanged();
            return score;
        }
    }

    /// <summary>What is trained on: labels, where the loss needs them, may be in the search set alone.</summary>
    public static IDataset TrainingSetOf(Workspace workspace)
    {
        var data = workspace.Data;
        bool labels = workspace.Manifest.Finetune is { Loss: FinetuneLoss.CrossEntropy };
        return labels && data.Training is null && !data.TrainingOrOther.HasLabels ? data.Search : data.TrainingOrOther;
    }

    /// <summary>The figure that decides which epoch is kept.</summary>
    public static Quality QualityOf(Workspace workspace) => workspace.Manifest.Metric.Kind is { } kind ? Enum.Parse<Quality>(kind.ToString()) : Quality.Top1;

    private static ValidationScore Validation(PolicyScore score, Quality quality) =>
        new(quality.Of(score), score.Top1, score.Top5, score.Agreement, score.Loss, score.Samples);

    /// <summary>The manifest's settings in the trainer's terms.</summary>
    public static FineTuneOptions OptionsOf(Workspace workspace, FinetuneSettings settings) => new()
    {
        Epochs = settings.Epochs,
        Batch = settings.Batch,
        Loss = settings.Loss switch { FinetuneLoss.CrossEntropy => LossKind.CrossEntropy, FinetuneLoss.Mse => LossKind.MeanSquaredError, _ => LossKind.Distillation },
        Optimizer = settings.Optimizer == FinetuneOptimizer.Sgd ? OptimizerKind.Sgd : OptimizerKind.Adam,
        LearningRate = settings.LearningRate,
        Schedule = Enum.Parse<RateSchedule>(settings.Schedule.ToString()),
        StepEpochs = settings.StepEpochs,
        StepFactor = settings.StepFactor,
        Momentum = settings.Momentum,
        WeightDecay = settings.WeightDecay,
        ClipNorm = settings.GradientClip ?? 0,
        Steps = settings.Quantizer switch { FinetuneQuantizer.Ste => StepLearning.Fixed, FinetuneQuantizer.Pact => StepLearning.Clipping, _ => StepLearning.Lsq },
        ReestimateStatistics = settings.BatchNorm == FinetuneBatchNorm.Reestimate,
        Augmentation = new Augmentation(settings.Flip, settings.Shift),
        Output = workspace.Manifest.Metric.Output,
        Example = () => FirstSample.Of(workspace),
        Seed = (ulong)workspace.Seed,
        Threads = workspace.Options.Threads,
        InputShapes = workspace.Manifest.Inputs.Where(i => i.Shape is not null)
            .ToDictionary(i => i.Name, i => i.Shape!.Value.Select(extent => (long)extent).ToArray(), StringComparer.Ordinal),
    };

    private static StageKey KeyOf(Workspace workspace, QuantizedModel start)
    {
        using var key = new StageKeyBuilder("finetune", StageVersions.Finetune);
        key.Add(workspace.CalibrationKey).Add("policy", start.Policy.Digest).Add("settings", SettingsDigest.Of(workspace.Manifest.Finetune));
        key.Add("quantization", SettingsDigest.Of(workspace.Manifest.Quantization)).Add("data", SettingsDigest.OfData(workspace));
        key.Add("metric", SettingsDigest.Of(workspace.Manifest.Metric)).Add("seed", workspace.Seed.ToString(CultureInfo.InvariantCulture));
        return key.Add("threads", workspace.Options.Threads.ToString(CultureInfo.InvariantCulture)).Build();
    }
}
