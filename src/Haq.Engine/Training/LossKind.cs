namespace Haq.Engine.Training;

/// <summary>What training makes small.</summary>
public enum LossKind
{
    /// <summary>
    /// KL divergence of the output's softmax from the float model's, in nats, mean over samples; for outputs that are not one row of scores per
    /// sample, the squared error. No labels.
    /// </summary>
    Distillation,

    /// <summary>Cross-entropy with the labels, in nats, mean over samples.</summary>
    CrossEntropy,

    /// <summary>Squared difference from the float model's output, mean over elements. No labels.</summary>
    Mse,
}
