namespace Haq.Engine.Training;

/// <summary>What one epoch did.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Loss">Mean training loss.</param>
/// <param name="Validation">The search set after it, as the caller measures it.</param>
/// <param name="LearningRate">The highest rate of its steps, retries included.</param>
/// <param name="Retries">How often it was begun again because the training diverged.</param>
public sealed record FineTuneEpoch(int Epoch, double Loss, ValidationScore Validation, double LearningRate, int Retries);
