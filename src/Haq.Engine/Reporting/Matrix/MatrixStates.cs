namespace Haq.Engine.Reporting.Matrix;

/// <summary>How a cell ended, in the words of the summary.</summary>
internal static class MatrixStates
{
    public const string Ok = "ok", GateBroken = "gate-broken", Failed = "failed", Interrupted = "interrupted", NotStarted = "not-started";

    /// <summary>For people.</summary>
    public static string Words(string state) => state switch
    {
        Ok => "ok",
        GateBroken => "gate broken",
        Failed => "failed",
        Interrupted => "interrupted",
        _ => "not started",
    };
}
