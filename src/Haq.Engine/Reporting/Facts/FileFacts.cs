namespace Haq.Engine.Reporting.Facts;

/// <summary>A file that the build read or wrote.</summary>
public sealed record FileFacts
{
    /// <summary>For example <c>quantized model</c>.</summary>
    public required string Role { get; init; }

    /// <summary>File name, without folders.</summary>
    public required string Name { get; init; }

    /// <summary>Its size on disk (external data included).</summary>
    public required long Bytes { get; init; }

    /// <summary>64 lower-case hexadecimal digits; null where not taken.</summary>
    public string? Sha256 { get; init; }
}
