using Haq.Engine.Diagnostics;

namespace Haq.Engine.Manifest;

/// <summary>The hardware as the manifest names it.</summary>
/// <param name="Name">As written.</param>
/// <param name="File">The absolute path of a hardware file, or null for a built-in target.</param>
/// <param name="At">Where it is written.</param>
public sealed record HardwareSettings(string Name, string? File, SourceLocation At)
{
    /// <summary>Threads of a session where the target is measured; null for the machine's physical cores.</summary>
    public int? Threads { get; init; }

    /// <summary>Samples of a run where the target is measured; null for the target's own.</summary>
    public int? Batch { get; init; }
}
