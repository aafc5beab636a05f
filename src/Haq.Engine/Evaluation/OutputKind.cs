namespace Haq.Engine.Evaluation;

/// <summary>What a network's output means, which decides how two outputs are compared.</summary>
public enum OutputKind
{
    /// <summary>A score per class; softmax makes them probabilities.</summary>
    Logits,

    /// <summary>A probability per class.</summary>
    Probabilities,

    /// <summary>Anything else.</summary>
    Values,
}
