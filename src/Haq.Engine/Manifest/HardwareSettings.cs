using Haq.Engine.Diagnostics;

namespace Haq.Engine.Manifest;

/// <summary>The hardware as the manifest names it.</summary>
/// <param name="Name">As written.</param>
/// <param name="File">The absolute path of a hardware file, or null for a built-in target.</param>
/// <param name="At">Where it is written.</param>
public sealed record HardwareSettings(string Name, string? File, SourceLocation At);
