namespace Haq.Engine.Reporting.Facts;

/// <summary>The float model that was read.</summary>
public sealed record ModelFacts
{
    /// <summary>File name, without folders, so that reports from different checkouts are equal.</summary>
    public required string File { get; init; }

    /// <summary>Of the file (external data included), 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>All parameters: weights, biases and everything else stored.</summary>
    public required long Parameters { get; init; }

    /// <summary>Multiply-accumulates of the quantizable layers, per image.</summary>
    public required long Macs { get; init; }

    /// <summary>Parameters at 32 bits each, in bytes: what compression factors refer to.</summary>
    public required long FloatBytes { get; init; }
}
