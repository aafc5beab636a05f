using System.Collections.Immutable;

namespace Haq.Engine.Data.Sources;

/// <summary>Stored samples, before preprocessing. Reads may be concurrent.</summary>
internal interface ISampleSource : IDisposable
{
    /// <summary>Number of samples.</summary>
    int Count { get; }

    /// <summary>What is stored per sample.</summary>
    ImmutableArray<SourceArray> Arrays { get; }

    /// <summary>Labels that are stored with the samples, or null.</summary>
    int[]? Labels { get; }

    /// <summary>A sample takes long enough to make reading several at once worth it.</summary>
    bool IsSlow { get; }

    /// <summary>Reads one array of one sample, in this machine's byte order.</summary>
    void Read(int array, int sample, Span<byte> destination);
}
