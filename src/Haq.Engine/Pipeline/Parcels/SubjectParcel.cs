using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Haq.Engine.Pipeline.Parcels;

/// <summary>A subject that can be sent: its description, and the parts that this names. For several readers at a time.</summary>
public sealed class SubjectParcel : IDisposable
{
    private readonly SpoolFile _spool;
    private readonly IReadOnlyDictionary<string, (string? File, long At)> _places;

    /// <param name="spool">Holds parts.</param>
    /// <param name="description">Names them.</param>
    /// <param name="parts">What it names, each once.</param>
    /// <param name="places">Where each is: in a file of its own, or in the spool.</param>
    internal SubjectParcel(SpoolFile spool, byte[] description, IEnumerable<SubjectPart> parts, IReadOnlyDictionary<string, (string? File, long At)> places)
    {
        (_spool, _places) = (spool, places);
        (Description, Digest, Parts) = ([.. description], DigestOf(description), [.. parts]);
    }

    /// <summary>SHA-256 of the description, and by it of everything, as 64 lower-case hexadecimal digits.</summary>
    public string Digest { get; }

    /// <summary>The bytes that name the parts and say how they are put together.</summary>
    public ImmutableArray<byte> Description { get; }

    /// <summary>The parts, each once.</summary>
    public ImmutableArray<SubjectPart> Parts { get; }

    /// <summary>The digest that a description has.</summary>
    public static string DigestOf(ReadOnlySpan<byte> description) => Convert.ToHexStringLower(SHA256.HashData(description));

    /// <summary>Reads bytes of a part.</summary>
    /// <param name="part">One of <see cref="Parts"/>.</param>
    /// <param name="offset">Where to begin.</param>
    /// <param name="buffer">Filled.</param>
    /// <exception cref="IOException">A file that it is in cannot be read any more.</exception>
    public void Read(SubjectPart part, long offset, Span<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(part);
        var (file, at) = _places[part.Digest];
        if (file is null)
        {
            _spool.Read(at + offset, buffer);
            return;
        }
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        stream.Position = offset;
        stream.ReadExactly(buffer);
    }

    /// <inheritdoc/>
    public void Dispose() => _spool.Dispose();
}
