namespace Haq.Engine.Manifest;

/// <summary>What a build does about a result that cannot be what was meant: accuracy below what was asked, a float model at chance level.</summary>
public enum GateMode
{
    /// <summary>It fails.</summary>
    Error,

    /// <summary>It goes on and says so.</summary>
    Warning,
}
