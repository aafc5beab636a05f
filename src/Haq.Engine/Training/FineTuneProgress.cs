namespace Haq.Engine.Training;

/// <summary>How far a fine-tuning is.</summary>
/// <param name="Epoch">The running epoch, from 1.</param>
/// <param name="Epochs">Number of epochs.</param>
/// <param name="Step">Steps done in this epoch.</param>
/// <param name="Steps">Steps per epoch.</param>
/// <param name="Loss">Mean loss of this epoch so far.</param>
/// <param name="BestScore">Best score so far, that of the start included.</param>
/// <param name="Left">Estimate of the time left.</param>
public sealed record FineTuneProgress(int Epoch, int Epochs, int Step, int Steps, double Loss, double BestScore, TimeSpan Left);
