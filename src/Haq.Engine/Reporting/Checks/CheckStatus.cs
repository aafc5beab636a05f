namespace Haq.Engine.Reporting.Checks;

/// <summary>How a check ended.</summary>
public enum CheckStatus
{
    /// <summary>The figure keeps its limit.</summary>
    Passed,

    /// <summary>The figure breaks its limit.</summary>
    Failed,

    /// <summary>There is a limit but no figure to hold against it, which is no pass.</summary>
    Unchecked,
}
