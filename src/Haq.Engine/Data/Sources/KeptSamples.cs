using System.Collections.Immutable;

namespace Haq.Engine.Data.Sources;

/// <summary>Some samples of another source, which it owns.</summary>
internal sealed class KeptSamples(ISampleSource whole, int[] kept, int[]? labels) : ISampleSource
{
    public int Count => kept.Length;

    public ImmutableArray<SourceArray> Arrays => whole.Arrays;

    public int[]? Labels => labels;

    public bool IsSlow => whole.IsSlow;

    public void Read(int array, int sample, Span<byte> destination) => whole.Read(array, kept[sample], destination);

    public void Dispose() => whole.Dispose();
}
