namespace Haq.Engine.Pipeline;

/// <summary>Leave to start the command that measures on a device.</summary>
public sealed record DeviceAccess
{
    /// <summary>The command in the place of the hardware file's <c>run</c>; null for that.</summary>
    public string? Run { get; init; }

    /// <summary>What to start on the device in the place of the hardware file's <c>runner</c>; null for that.</summary>
    public string? Runner { get; init; }

    /// <summary>The folder on the device in the place of the hardware file's <c>remote</c>; null for that, or for one of its own where <see cref="Run"/> is given.</summary>
    public string? Remote { get; init; }
}
