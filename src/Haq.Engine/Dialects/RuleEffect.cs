namespace Haq.Engine.Dialects;

/// <summary>What a vendor's compiler does with a node that breaks a rule.</summary>
public enum RuleEffect
{
    /// <summary>It stops with an error, or the provider fails to load.</summary>
    Refused,

    /// <summary>It leaves the node to the host.</summary>
    Fallback,

    /// <summary>It runs the node, but in floating point, or slower than it could.</summary>
    Note,
}
