namespace Haq.Engine.Training;

/// <summary>What one epoch did.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Loss">Mean training loss.</param>
/// <param name="Score">Score on the search set after it, as the caller measures it; higher is better.</param>
/// <param name="LearningRate">The rate that it began with, retries included.</param>
public sealed record FineTuneEpoch(int Epoch, double Loss, double Score, double LearningRate);
