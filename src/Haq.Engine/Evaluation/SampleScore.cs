namespace Haq.Engine.Evaluation;

/// <summary>What one sample says about a network. Kept per sample so that two networks can be compared in pairs.</summary>
/// <param name="Top1">The best class is the label.</param>
/// <param name="Top5">The label is among the best five.</param>
/// <param name="Agrees">The best class is the float model's.</param>
/// <param name="Divergence">KL divergence from the float model's distribution, in nats; 0 where there are no classes.</param>
/// <param name="Cosine">Cosine similarity with the float model's output.</param>
/// <param name="Signal">Sum of squares of the float model's output.</param>
/// <param name="Noise">Sum of squares of the difference.</param>
public readonly record struct SampleScore(bool Top1, bool Top5, bool Agrees, double Divergence, double Cosine, double Signal, double Noise);
