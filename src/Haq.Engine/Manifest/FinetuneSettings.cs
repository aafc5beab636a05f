using Haq.Engine.Diagnostics;
using Haq.Engine.Training;

namespace Haq.Engine.Manifest;

/// <summary>Training after the bits are chosen.</summary>
/// <param name="Epochs">Passes over the training data.</param>
/// <param name="Optimizer">How weights are updated.</param>
/// <param name="Momentum">Of <see cref="OptimizerKind.Sgd"/>.</param>
/// <param name="WeightDecay">Per step, on weights only.</param>
/// <param name="LearningRate">At the start.</param>
/// <param name="Schedule">How the rate moves.</param>
/// <param name="StepEpochs">Epochs between steps of <see cref="RateSchedule.Step"/>.</param>
/// <param name="StepFactor">Factor of each step.</param>
/// <param name="Batch">Samples per update.</param>
/// <param name="Loss">What is made small.</param>
/// <param name="Quantizer">How gradients pass a quantizer.</param>
/// <param name="BatchNorm">What happens to batch-normalization statistics.</param>
/// <param name="GradientClip">Largest norm of all gradients together; null for no limit.</param>
/// <param name="Flip">Images are mirrored at random.</param>
/// <param name="Shift">Images are moved at random by up to so many pixels.</param>
/// <param name="At">Where the section is written.</param>
public sealed record FinetuneSettings(
    int Epochs, OptimizerKind Optimizer, double Momentum, double WeightDecay, double LearningRate, RateSchedule Schedule, int StepEpochs, double StepFactor,
    int Batch, LossKind Loss, ScaleLearning Quantizer, FinetuneBatchNorm BatchNorm, double? GradientClip, bool Flip, int Shift, SourceLocation At);
