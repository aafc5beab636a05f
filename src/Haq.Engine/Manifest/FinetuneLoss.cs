namespace Haq.Engine.Manifest;

/// <summary>What fine-tuning makes small.</summary>
public enum FinetuneLoss
{
    /// <summary>KL divergence from the float model's output: needs no labels.</summary>
    Distillation,

    /// <summary>Cross-entropy with the labels.</summary>
    CrossEntropy,

    /// <summary>Squared error to the float model's output.</summary>
    Mse,
}
