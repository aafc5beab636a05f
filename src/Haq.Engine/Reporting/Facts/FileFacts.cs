namespace Haq.Engine.Reporting.Facts;

/// <summary>A file that the build read or wrote.</summary>
public sealed record FileFacts
{
    /// <summary>The role of the model that was read.</summary>
    public const string FloatModel = "float model";

    /// <summary>The role of the model that was written.</summary>
    public const string QuantizedModel = "quantized model";

    /// <summary>For example <see cref="QuantizedModel"/>.</summary>
    public required string Role { get; init; }

    /// <summary>File name, without folders.</summary>
    public required string Name { get; init; }

    /// <summary>Its size on disk (external data included).</summary>
    public required long Bytes { get; init; }

    /// <summary>64 lower-case hexadecimal digits; null where not taken.</summary>
    public string? Sha256 { get; init; }
}
