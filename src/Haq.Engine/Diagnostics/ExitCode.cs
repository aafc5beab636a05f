namespace Haq.Engine.Diagnostics;

/// <summary>What a command's exit status says.</summary>
public enum ExitCode
{
    /// <summary>All went well.</summary>
    Ok = 0,

    /// <summary>A gate or check failed.</summary>
    CheckFailed = 1,

    /// <summary>Wrong usage, manifest or data.</summary>
    Usage = 2,

    /// <summary>The model cannot be read or quantized.</summary>
    Model = 3,

    /// <summary>The machine (disk full, permission) or an internal error.</summary>
    Machine = 4,

    /// <summary>Interrupted by the user.</summary>
    Interrupted = 130,
}
