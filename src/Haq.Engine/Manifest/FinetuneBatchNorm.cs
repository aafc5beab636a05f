namespace Haq.Engine.Manifest;

/// <summary>What happens to batch-normalization statistics.</summary>
public enum FinetuneBatchNorm
{
    /// <summary>They stay.</summary>
    Frozen,

    /// <summary>They are measured again on the training data.</summary>
    Reestimate,
}
