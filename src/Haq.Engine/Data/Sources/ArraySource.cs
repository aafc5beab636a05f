using System.Collections.Immutable;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Sources;

/// <summary>Samples that stand in arrays: npy, npz, IDX, CIFAR, CSV, raw.</summary>
internal sealed class ArraySource : ISampleSource
{
    private readonly ImmutableArray<SampleArray> _arrays;

    public ArraySource(ImmutableArray<(SampleArray Array, string? Input, FileReference File)> arrays, int[]? labels = null, bool isFlat = false)
    {
        _arrays = [.. arrays.Select(a => a.Array)];
        Arrays = [.. arrays.Select(a => new SourceArray(a.Array.Name, a.Input, a.Array.Kind, a.Array.Shape, isFlat || a.Array.Shape.Length <= 1, a.File))];
        Labels = labels;
        Count = _arrays[0].Count;
    }

    public int Count { get; }

    public ImmutableArray<SourceArray> Arrays { get; }

    public int[]? Labels { get; }

    public bool IsSlow => false;

    public void Read(int array, int sample, Span<byte> destination)
    {
        try
        {
            _arrays[array].Read(sample, destination);
        }
        catch (EndOfStreamException e)
        {
            throw DataErrors.Damaged(Arrays[array].File, $"it ends before sample {sample}", e);
        }
        catch (IOException e)
        {
            throw DataErrors.Unreadable(Arrays[array].File, e);
        }
    }

    public void Dispose()
    {
        foreach (var array in _arrays) array.Store.Dispose();
    }
}
