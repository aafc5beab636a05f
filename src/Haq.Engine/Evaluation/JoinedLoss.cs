namespace Haq.Engine.Evaluation;

/// <summary>What the loss of a network of several outputs is made of.</summary>
public enum JoinedLoss
{
    /// <summary>Where the first output classifies, its divergence and the noise of the others; elsewhere the noise of all.</summary>
    Classes,

    /// <summary>The noise of all, each relative to its power over all samples.</summary>
    Noise,

    /// <summary>What each output lacks of a cosine of 1, twice, which is its noise relative to its power in the same sample: a mean cosine is a mean over samples, empty ones included.</summary>
    Cosine,
}
