using System.Runtime.InteropServices;
using Haq.Engine.Runtime;

namespace Haq.Engine.Training.Reconstruction;

/// <summary>A tensor's values for many samples, a row each, in a temporary file; those that the disk does not take stay in memory. Written once, then read often.</summary>
internal sealed class SampleRows : IDisposable
{
    private readonly SpilledBytes _file = new();
    private readonly List<(long? At, float[]? Kept)> _rows = [];

    /// <summary>Number of rows.</summary>
    public int Count => _rows.Count;

    /// <summary>Values of a row.</summary>
    public int Width { get; private set; }

    /// <summary>Writes the next row.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        Width = row.Length;
        long? at = _file.Add(MemoryMarshal.AsBytes(row));
        _rows.Add((at, at is null ? row.ToArray() : null));
    }

    /// <summary>Reads a row.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public void Read(int row, Span<float> destination)
    {
        destination = destination[..Width];
        var (at, kept) = _rows[row];
        if (kept is not null) kept.CopyTo(destination);
        else _file.Read(at!.Value, MemoryMarshal.AsBytes(destination));
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
