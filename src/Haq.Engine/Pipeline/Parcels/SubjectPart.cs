namespace Haq.Engine.Pipeline.Parcels;

/// <summary>A piece of a subject, known by its content.</summary>
/// <param name="Digest">SHA-256, as 64 lower-case hexadecimal digits.</param>
/// <param name="Bytes">Its length.</param>
public sealed record SubjectPart(string Digest, long Bytes)
{
    private const int Digits = 64;

    // The digest becomes the name of a file.
    internal bool IsValid => Bytes >= 0 && IsDigest(Digest);

    /// <summary>The text has the form of a digest.</summary>
    public static bool IsDigest(string? text) => text is { Length: Digits } && text.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0;
}
