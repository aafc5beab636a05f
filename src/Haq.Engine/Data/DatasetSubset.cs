using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Runtime;

namespace Haq.Engine.Data;

/// <summary>Some samples of another set, in a given order. The other set stays its opener's: disposing of the subset leaves it open.</summary>
public sealed class DatasetSubset : IDataset
{
    private readonly IDataset _whole;
    private readonly int[] _samples;

    /// <summary>The given samples of <paramref name="whole"/>.</summary>
    /// <exception cref="ArgumentException">There are none, or one does not exist.</exception>
    public DatasetSubset(IDataset whole, ReadOnlySpan<int> samples, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(whole);
        if (samples.IsEmpty) throw new ArgumentException("a data set has at least one sample", nameof(samples));
        foreach (int sample in samples)
            if ((uint)sample >= (uint)whole.Count) throw new ArgumentException($"there is no sample {sample} among {whole.Count}", nameof(samples));
        (_whole, _samples, Name) = (whole, samples.ToArray(), name ?? whole.Name);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public SourceLocation? At => _whole.At;

    /// <inheritdoc/>
    public int Count => _samples.Length;

    /// <inheritdoc/>
    public ImmutableArray<TensorInfo> Inputs => _whole.Inputs;

    /// <inheritdoc/>
    public int? FixedBatch => _whole.FixedBatch;

    /// <inheritdoc/>
    public bool HasLabels => _whole.HasLabels;

    /// <summary>The samples' numbers in the whole set.</summary>
    public ReadOnlySpan<int> Samples => _samples;

    /// <inheritdoc/>
    public int LabelOf(int sample) => _whole.LabelOf(_samples[sample]);

    /// <inheritdoc/>
    public void Read(ReadOnlySpan<int> samples, Batch batch)
    {
        Span<int> mapped = samples.Length <= 256 ? stackalloc int[samples.Length] : new int[samples.Length];
        for (int i = 0; i < samples.Length; i++) mapped[i] = _samples[samples[i]];
        _whole.Read(mapped, batch);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The whole set is its opener's.
    }
}
