namespace Haq.Engine.Manifest;

/// <summary>How the learning rate moves.</summary>
public enum FinetuneSchedule
{
    /// <summary>From the given rate to zero along half a cosine.</summary>
    Cosine,

    /// <summary>By a factor every few epochs.</summary>
    Step,

    /// <summary>Not at all.</summary>
    Constant,
}
